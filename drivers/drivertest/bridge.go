package drivertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// prompt is how soon a call has to end after its context.
const prompt = 2 * time.Second

// folder is where every adb shell may write.
const folder = "/data/local/tmp/"

// Bridge tests a bridge to a device that has Android's shell: sh, echo, cat,
// sleep and rm. open gives a bridge that is ready; it cleans up with t.Cleanup.
func Bridge(t *testing.T, open func(*testing.T) drivers.Bridge) {
	for name, test := range map[string]func(*testing.T, drivers.Bridge){
		"exit codes and both outputs": bridgeOutputs,
		"arguments as they stand":     bridgeArguments,
		"streams end as they should":  bridgeStreams,
		"calls end with the context":  bridgeCancel,
		"several calls at once":       bridgeConcurrent,
		"files there and back":        bridgeFiles,
		"a file that is not there":    bridgeMissing,
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := b.Ready(ctx); err != nil {
				t.Fatal(err)
			}
			test(t, b)
		})
	}
}

// BridgeReboot restarts the device, which takes its time, and waits for its return.
func BridgeReboot(t *testing.T, open func(*testing.T) drivers.Bridge) {
	b := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if err := b.Reboot(ctx); err != nil {
		t.Fatal(err)
	}
	if out, err := b.Run(ctx, "echo", "x"); err == nil {
		t.Errorf("the device answered %q after Reboot returned", out.Stdout)
	} else if !errors.Is(err, drivers.ErrLost) {
		t.Errorf("while it restarts: %v, want drivers.ErrLost", err)
	}
	if err := b.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	if out, err := b.Run(ctx, "echo", "back"); err != nil || string(out.Stdout) != "back\n" {
		t.Errorf("after Ready: %q, %v", out.Stdout, err)
	}
}

func bridgeOutputs(t *testing.T, b drivers.Bridge) {
	for code := range 4 {
		out, err := b.Run(t.Context(), "sh", "-c", fmt.Sprintf("echo out; echo err >&2; exit %d", code*85))
		if err != nil || string(out.Stdout) != "out\n" || string(out.Stderr) != "err\n" || out.Code != code*85 {
			t.Errorf("%q, %q, %d, %v", out.Stdout, out.Stderr, out.Code, err)
		}
	}
	if out, err := b.Run(t.Context(), "spanrig-no-such-program"); err != nil || out.Code != 127 {
		t.Errorf("no such program: %+v, %v", out, err)
	}
	if out, err := b.Run(t.Context()); err == nil {
		t.Errorf("no program at all: %+v", out)
	}
	if out, err := b.Run(t.Context(), "echo", "a\x00b"); err == nil {
		t.Errorf("a NUL byte in an argument: %+v", out)
	}
}

func bridgeArguments(t *testing.T, b drivers.Bridge) {
	args := []string{"", " ", "it's", `"$HOME" \ $(x) ` + "`y`", "*", "~", "a\nb", "\t", "é", "\xff\xfe", ";&|<>", "-n", "'"}
	out, err := b.Run(t.Context(), append([]string{"sh", "-c", `for a in "$@"; do echo "<$a>"; done`, "sh"}, args...)...)
	want := ""
	for _, a := range args {
		want += "<" + a + ">\n"
	}
	// echo of some shells reads backslashes; none of these makes an escape.
	if err != nil || string(out.Stdout) != want {
		t.Errorf("%q, %v\nwant %q", out.Stdout, err, want)
	}
}

func bridgeStreams(t *testing.T, b drivers.Bridge) {
	read := func(argv ...string) (string, error) {
		r, err := b.Stream(t.Context(), argv...)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		return string(text), err
	}
	if got, err := read("echo", "x"); got != "x\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	var exit *drivers.ExitError
	if got, err := read("sh", "-c", "echo x; echo why >&2; exit 3"); got != "x\n" || !errors.As(err, &exit) || exit.Code != 3 || !strings.Contains(string(exit.Stderr), "why") {
		t.Errorf("%q, %v; want exit code 3", got, err)
	}
}

func bridgeCancel(t *testing.T, b drivers.Bridge) {
	for name, call := range map[string]func(context.Context) error{
		"Run": func(ctx context.Context) error { _, err := b.Run(ctx, "sleep", "30"); return err },
		"Stream": func(ctx context.Context) error {
			r, err := b.Stream(ctx, "sleep", "30")
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		begin := time.Now()
		err := call(ctx)
		cancel()
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took > prompt {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, run := b.Run(over, "echo")
	for name, err := range map[string]error{
		"Run": run, "Pull": b.Pull(over, folder+"x", io.Discard), "Push": b.Push(over, folder+"x", 0o600, strings.NewReader("")), "Ready": b.Ready(over), "Reboot": b.Reboot(over),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that is over: %v", name, err)
		}
	}
	if out, err := b.Run(t.Context(), "echo", "x"); err != nil || string(out.Stdout) != "x\n" {
		t.Errorf("after cancellations: %q, %v", out.Stdout, err)
	}
}

func bridgeConcurrent(t *testing.T, b drivers.Bridge) {
	var calls sync.WaitGroup
	for i := range 16 {
		calls.Go(func() {
			want := strings.Repeat(fmt.Sprint(i, " "), 1000)
			if out, err := b.Run(t.Context(), "echo", want); err != nil || string(out.Stdout) != want+"\n" {
				t.Errorf("call %d: %d bytes, %v", i, len(out.Stdout), err)
			}
		})
	}
	calls.Wait()
}

func bridgeFiles(t *testing.T, b drivers.Bridge) {
	path := folder + "spanrig test, it's"
	cut := path + ".cut" // what becomes of it comes late
	t.Cleanup(func() { _, _ = b.Run(context.WithoutCancel(t.Context()), "rm", "-f", path, cut) })
	for _, size := range []int{0, 1, 64 << 10, 1<<20 + 7} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(i * i >> 3)
		}
		if err := b.Push(t.Context(), path, 0o600, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		var back bytes.Buffer
		if err := b.Pull(t.Context(), path, &back); err != nil || !bytes.Equal(back.Bytes(), content) {
			t.Errorf("%d bytes came back as %d, %v", size, back.Len(), err)
		}
	}
	torn := errors.New("torn")
	if err := b.Push(t.Context(), cut, 0o600, io.MultiReader(strings.NewReader("x"), failing{torn})); !errors.Is(err, torn) {
		t.Errorf("a content that cannot be read: %v", err)
	}
	if err := b.Pull(t.Context(), path, failing{torn}); err == nil {
		t.Error("a file that cannot be written")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func bridgeMissing(t *testing.T, b drivers.Bridge) {
	err := b.Pull(t.Context(), folder+"spanrig-none", io.Discard)
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, drivers.ErrLost) {
		t.Errorf("%v, want fs.ErrNotExist, which is no loss of the device", err)
	}
}

package span_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/span"
)

const childConfig = "SPANRIG_TEST_RECORDER"

// TestMain is also a recorder, for tests that stop, kill or unprivilege one.
func TestMain(m *testing.M) {
	if c := os.Getenv(childConfig); c != "" {
		if err := recordAsChild(c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// recordAsChild says "recording" on stdout, records until SIGINT and prints the summary.
func recordAsChild(config string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	var c span.Config
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	r, err := span.Start(ctx, c)
	if err != nil {
		return err
	}
	fmt.Println("recording")
	var out outcome
	for e := range r.Events() {
		out.Events = append(out.Events, e)
	}
	if out.Summary, err = r.Stop(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// outcome is what the child prints at the end.
type outcome struct {
	*span.Summary
	Events []span.Event
}

// child is a recorder in a process of its own.
type child struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// startChild starts one and waits until it records.
func startChild(t testing.TB, c span.Config, change func(*exec.Cmd)) (*child, error) {
	t.Helper()
	config, err := json.Marshal(struct {
		span.Config
		Now *int `json:",omitempty"` // a function has no JSON
	}{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childConfig+"="+string(config), inNamespace+"=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if change != nil {
		change(cmd)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	k := &child{cmd, bufio.NewReader(out)}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := k.out.ReadString('\n'); err != nil || line != "recording\n" {
		why, _ := io.ReadAll(problems)
		return nil, fmt.Errorf("%s%s", line, why)
	}
	return k, nil
}

func (k *child) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := k.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// stop ends it with SIGINT, as Ctrl-C does.
func (k *child) stop(t testing.TB) *outcome {
	t.Helper()
	k.signal(t, os.Interrupt)
	var s outcome
	if err := json.NewDecoder(k.out).Decode(&s); err != nil {
		t.Fatal(err)
	}
	if err := k.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return &s
}

// kill ends it at once and returns when it was dead.
func (k *child) kill(t testing.TB) (asked time.Time) {
	t.Helper()
	asked = time.Now()
	k.signal(t, os.Kill)
	_ = k.cmd.Wait()
	return asked
}

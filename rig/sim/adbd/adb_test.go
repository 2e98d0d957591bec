package adbd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/spanrig/spanrig/drivers/drivertest"
)

func testDaemon(t *testing.T) (*Daemon, *Tree, string) {
	t.Helper()
	files := NewTree(nil)
	d, err := New(Config{Shell: NewShell(ShellConfig{Files: files}), Files: files, Product: "rm510b", Model: "RC PRO", Device: "rm510"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return d, files, l.Addr().String()
}

// TestRealAdb lets the real adb program use the daemon.
func TestRealAdb(t *testing.T) {
	server := drivertest.NewAdbServer(t)
	_, files, addr := testDaemon(t)
	files.Put("/sdcard/hello", []byte("hello\x00\xff\n"))
	local := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(local, bytes.Repeat([]byte("spanrig\n"), 100_000), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"connect", addr}, "connected to " + addr, 0},
		{[]string{"devices", "-l"}, "product:rm510b model:RC_PRO device:rm510", 0},
		{[]string{"shell", "echo out; echo err >&2; exit 7"}, "out\nerr\n", 7},
		{[]string{"shell", "echo 'a  b' \"c\\\"d\" | cat && nosuch || echo $?"}, "a  b c\"d\n/system/bin/sh: nosuch: inaccessible or not found\n127\n", 0},
		{[]string{"shell", "-x", "echo plain"}, "plain\n", 0},
		{[]string{"exec-out", "cat /sdcard/hello"}, "hello\x00\xff\n", 0},
		{[]string{"push", local, "/data/local/tmp/deep/er/file"}, "1 file pushed", 0},
		{[]string{"shell", "sha256sum /data/local/tmp/deep/er/file; cd /data/local/tmp; ls; rm deep/er/file && ls deep/er"}, "eb95f41a5ed6e0bbe59aeba9751f2fb6a4cc718213d8d87c83bf6b1f189de747  /data/local/tmp/deep/er/file\ndeep\n", 0},
		{[]string{"pull", "/sdcard/hello", local}, "1 file pulled", 0},
		{[]string{"pull", "/sdcard/none", local}, "No such file or directory", 1},
		{[]string{"root"}, "production builds", 0},
	} {
		out, code := server.Adb(step.args...)
		t.Logf("%q: %q", step.args, out)
		if !strings.Contains(out, step.want) || code != step.code {
			t.Errorf("adb %q: %q, exit code %d; want %q, %d", step.args, out, code, step.want, step.code)
		}
	}
}

// TestTerminal types at "adb shell" on a terminal: lines are edited on the
// device, the folder stays changed, and exit ends it with its code.
func TestTerminal(t *testing.T) {
	server := drivertest.NewAdbServer(t)
	_, files, addr := testDaemon(t)
	files.Put("/sdcard/hello", []byte("hello\n"))
	if err := server.Connect(t.Context(), addr); err != nil {
		t.Fatal(err)
	}
	cmd := server.Command(t.Context(), "shell")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	screen := watch(terminal)
	for _, keys := range []string{"cd /sdcard\r", "lsx\x7f\r", "echo $((6*7))\r", "exit 3\r"} {
		screen.wait(t, "rm510:/ $ ")
		if _, err := terminal.WriteString(keys); err != nil {
			t.Fatal(err)
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("it ended with %v", err)
	}
	<-screen.end
	for _, want := range []string{"\r\nhello\r\n", "\r\n42\r\n"} {
		if !strings.Contains(screen.all.String(), want) {
			t.Errorf("the screen lacks %q: %q", want, screen.all.String())
		}
	}
	ctrlC(t, server)
}

// screenText is what a terminal shows.
type screenText struct {
	mu   sync.Mutex
	all  strings.Builder
	seen int
	end  chan struct{}
}

// watch reads a terminal until its program ends, which the terminal calls an error.
func watch(terminal io.Reader) *screenText {
	s := &screenText{end: make(chan struct{})}
	go func() {
		defer close(s.end)
		b := make([]byte, 1024)
		for {
			n, err := terminal.Read(b)
			s.mu.Lock()
			s.all.Write(b[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

// wait waits for a text behind the last that was waited for.
func (s *screenText) wait(t *testing.T, text string) {
	t.Helper()
	for range 500 {
		s.mu.Lock()
		shown := s.all.String()
		s.mu.Unlock()
		if i := strings.Index(shown[s.seen:], text); i >= 0 {
			s.seen += i + len(text)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the screen never shows %q", text)
}

// ctrlC interrupts a program, which ends the session.
func ctrlC(t *testing.T, server *drivertest.AdbServer) {
	cmd := server.Command(t.Context(), "shell")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	screen := watch(terminal)
	screen.wait(t, "$ ")
	if _, err := terminal.WriteString("sleep 60\r"); err != nil {
		t.Fatal(err)
	}
	interrupt := time.AfterFunc(300*time.Millisecond, func() { _, _ = terminal.WriteString("\x03") })
	defer interrupt.Stop()
	begin := time.Now()
	_ = cmd.Wait() // its code is the shell's affair
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("Ctrl-C took %v", took)
	}
}

// TestScript gives adb shell its commands on the standard input.
func TestScript(t *testing.T) {
	server := drivertest.NewAdbServer(t)
	_, _, addr := testDaemon(t)
	if err := server.Connect(t.Context(), addr); err != nil {
		t.Fatal(err)
	}
	cmd := server.Command(t.Context(), "shell")
	cmd.Stdin = strings.NewReader("cd /data\nls\nexit 4\n")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if string(out) != "local\n" || !errors.As(err, &exit) || exit.ExitCode() != 4 {
		t.Errorf("%q, %v", out, err)
	}
}

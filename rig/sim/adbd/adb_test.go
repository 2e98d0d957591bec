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
	"testing"
	"time"

	"github.com/creack/pty"
)

// adbServer is a server of the real adb, on a port and with keys of its own.
type adbServer struct {
	program string
	env     []string
}

// command prepares the adb program.
func (s *adbServer) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Env = s.env
	return cmd
}

func (s *adbServer) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := s.command(ctx, args...)
	cmd.Stdin = strings.NewReader("")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// realServer starts a server for the test.
func realServer(t *testing.T) *adbServer {
	t.Helper()
	program, err := exec.LookPath("adb")
	if err != nil {
		t.Skipf("needs the real adb (Debian: apt install adb): %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().String()[strings.LastIndexByte(l.Addr().String(), ':')+1:]
	l.Close()
	env := append(os.Environ(), "HOME="+t.TempDir(), "ANDROID_ADB_SERVER_PORT="+port, "ADB_MDNS=0")
	server := exec.Command(program, "-P", port, "server", "nodaemon")
	server.Env = env
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for range 100 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return &adbServer{program, env}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the adb server does not start")
	return nil
}

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
	adb := realServer(t)
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
		out, err := adb.run(step.args...)
		code := 0
		if e, ok := err.(*exec.ExitError); ok {
			code = e.ExitCode()
		}
		t.Logf("%q: %q", step.args, out)
		if !strings.Contains(out, step.want) || code != step.code {
			t.Errorf("adb %q: %q, exit code %d; want %q, %d", step.args, out, code, step.want, step.code)
		}
	}
}

// TestTerminal types at "adb shell" on a terminal: lines are edited on the
// device, the folder stays changed, and exit ends it with its code.
func TestTerminal(t *testing.T) {
	adb := realServer(t)
	_, files, addr := testDaemon(t)
	files.Put("/sdcard/hello", []byte("hello\n"))
	if out, err := adb.run("connect", addr); err != nil {
		t.Fatal(out, err)
	}
	cmd := adb.command(t.Context(), "shell")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	var screen bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&screen, terminal) // ends with the program, by an error of the terminal
	}()
	for _, keys := range []string{"cd /sdcard\r", "lsx\x7f\r", "echo $((6*7))\r", "exit 3\r"} {
		if _, err := terminal.WriteString(keys); err != nil {
			t.Fatal(err)
		}
	}
	err = cmd.Wait()
	<-read
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("it ended with %v", err)
	}
	for _, want := range []string{"rm510:/ $ ", "\r\nhello\r\n", "\r\n42\r\n"} {
		if !strings.Contains(screen.String(), want) {
			t.Errorf("the screen lacks %q: %q", want, screen.String())
		}
	}
	ctrlC(t, adb)
}

// ctrlC interrupts a program, which ends the session.
func ctrlC(t *testing.T, adb *adbServer) {
	cmd := adb.command(t.Context(), "shell")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	go func() { _, _ = io.Copy(io.Discard, terminal) }()
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
	adb := realServer(t)
	_, _, addr := testDaemon(t)
	if out, err := adb.run("connect", addr); err != nil {
		t.Fatal(out, err)
	}
	cmd := adb.command(t.Context(), "shell")
	cmd.Stdin = strings.NewReader("cd /data\nls\nexit 4\n")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if string(out) != "local\n" || !errors.As(err, &exit) || exit.ExitCode() != 4 {
		t.Errorf("%q, %v", out, err)
	}
}

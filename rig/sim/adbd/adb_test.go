package adbd

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realServer starts a server of the real adb for the test and returns a
// function that runs the adb program against it.
func realServer(t *testing.T) func(args ...string) (string, error) {
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
	run := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = env
		cmd.Stdin = strings.NewReader("")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for range 100 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return run
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
		out, err := adb(step.args...)
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

package drivertest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers/adb"
)

// AdbServer is a real adb server on a port and with keys of its own, so that
// it meets neither the user's server nor another test's. A driver does not
// start another in its place: Given is set.
type AdbServer struct {
	*adb.Server
	t       *testing.T
	program string
	env     []string

	mu     sync.Mutex
	server *exec.Cmd
}

// NewAdbServer starts a server for the test. The test is skipped where adb is
// not installed.
func NewAdbServer(t *testing.T) *AdbServer {
	t.Helper()
	program, err := exec.LookPath("adb")
	if err != nil {
		t.Skipf("needs adb (Debian: apt install adb): %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	s := &AdbServer{Server: &adb.Server{Addr: addr, Given: true}, t: t, program: program}
	s.env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "ADB_SERVER_SOCKET=") || strings.HasPrefix(v, "HOME=")
	})
	s.env = append(s.env, "HOME="+t.TempDir(), "ANDROID_ADB_SERVER_PORT="+port)
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

// Start runs the server and returns when it listens.
func (s *AdbServer) Start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server = exec.Command(s.program, "server", "nodaemon")
	s.server.Env = s.env
	endWithUs(s.server)
	if err := s.server.Start(); err != nil {
		s.server = nil
		s.t.Errorf("the adb server does not start: %v", err)
		return
	}
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if conn, err := net.Dial("tcp", s.Addr); err == nil {
			conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Errorf("the adb server does not listen on %s", s.Addr)
}

// Stop kills the server with SIGKILL, as it dies on a bad day.
func (s *AdbServer) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		_ = s.server.Process.Kill()
		_ = s.server.Wait() // its status is that we killed it
		s.server = nil
	}
}

// Signal sends the server a signal: SIGSTOP makes it a zombie, SIGCONT heals it.
func (s *AdbServer) Signal(sig os.Signal) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.server.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Command prepares the adb program to run against the server.
func (s *AdbServer) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Env = s.env
	return cmd
}

// Adb runs the adb program against the server.
func (s *AdbServer) Adb(args ...string) (output string, code int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := s.Command(ctx, args...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

package adb

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// connection connects to the server, which it starts where none runs.
func (s *Server) connection(ctx context.Context) (*link, error) {
	l, err := s.dial(ctx)
	if err == nil || ctx.Err() != nil {
		return l, err
	}
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) {
		return nil, &ServerError{s.String(), "check the address and the network", err}
	}
	if started := s.start(ctx, err); started != nil {
		return nil, started
	}
	return s.dial(ctx)
}

// start runs "adb start-server", one caller at a time, where still no server
// answers. It returns once the server listens.
func (s *Server) start(ctx context.Context, why error) error {
	s.once.Do(func() { s.starting = make(chan struct{}, 1) })
	select {
	case s.starting <- struct{}{}:
		defer func() { <-s.starting }()
	case <-ctx.Done():
		return ended(ctx, "adb start-server")
	}
	if l, err := s.dial(ctx); err == nil {
		return l.Close()
	}
	port, ok := s.localPort()
	if !ok || s.Given {
		return &ServerError{s.String(), "start one on that machine: adb server nodaemon", why}
	}
	program := s.Program
	if program == "" {
		program = "adb"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return &ServerError{s.String(), "install adb (Debian: apt install adb), or start a server there with adb start-server", errors.Join(why, err)}
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, path, "-P", port, "start-server")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "ADB_SERVER_SOCKET=") || strings.HasPrefix(v, "ANDROID_ADB_SERVER_")
	})
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second // the server might keep our end of the pipe
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		if ctx.Err() != nil {
			return ended(ctx, "adb start-server")
		}
		return &ServerError{s.String(), "adb start-server says: " + oneLine(out.String()), err}
	}
	return nil
}

// localPort is the port of a server that is ours to start.
func (s *Server) localPort() (string, bool) {
	network, address := s.endpoint()
	host, port, err := net.SplitHostPort(address)
	if network != "tcp" || err != nil {
		return "", false
	}
	addr, err := netip.ParseAddr(host)
	return port, host == "localhost" || err == nil && addr.IsLoopback()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

package adb

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	usualAddr    = "127.0.0.1:5037"
	usualSilence = 10 * time.Second
	requestMax   = 0xffff // what four hex digits can say
)

// Server is an adb server. The zero value is the usual one; do not copy it once used.
type Server struct {
	// Addr is where it listens: "host:port", or as adb spells it "tcp:port",
	// "tcp:host:port", "localfilesystem:path", "localabstract:name". Empty:
	// $ADB_SERVER_SOCKET, else 127.0.0.1 and $ANDROID_ADB_SERVER_PORT or 5037.
	Addr string
	// Program starts the server where none runs; empty: "adb" of $PATH.
	Program string
	// Given says that somebody else starts the server: where none runs, that is
	// an error, which Ready waits out.
	Given bool
	// Silence is how long an answer may take; 0: 10 s.
	Silence time.Duration

	once     sync.Once
	starting chan struct{} // holds a token while somebody starts the server
}

func (s *Server) silence() time.Duration {
	if s.Silence > 0 {
		return s.Silence
	}
	return usualSilence
}

// endpoint says where to dial.
func (s *Server) endpoint() (network, address string) {
	spec := s.Addr
	if spec == "" {
		spec = os.Getenv("ADB_SERVER_SOCKET")
	}
	if spec == "" {
		spec = usualAddr
		if port := os.Getenv("ANDROID_ADB_SERVER_PORT"); port != "" {
			spec = "tcp:" + port
		}
	}
	kind, rest, _ := strings.Cut(spec, ":")
	switch kind {
	case "local", "localfilesystem":
		return "unix", rest
	case "localabstract":
		return "unix", "@" + rest
	case "tcp":
		spec = rest
		if !strings.Contains(spec, ":") {
			spec = "127.0.0.1:" + spec
		}
	}
	return "tcp", spec
}

// String is where the server listens, for messages.
func (s *Server) String() string {
	_, address := s.endpoint()
	return address
}

// Version asks the server for its version: 41 for the adb of Android 10.
func (s *Server) Version(ctx context.Context) (int, error) {
	text, err := s.query(ctx, "host:version", s.silence())
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseUint(text, 16, 31)
	if err != nil {
		return 0, fmt.Errorf("adb server %s: version %q is no hexadecimal number", s, text)
	}
	return int(v), nil
}

// Kill ends the server where one runs.
func (s *Server) Kill(ctx context.Context) error {
	l, err := s.dial(ctx)
	if err != nil {
		return ctx.Err()
	}
	defer l.Close()
	if err := l.ask("host:kill"); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, l) // the end of the connection is the end of the server
	return ctx.Err()
}

// request opens a connection, asks for a service and returns once it is granted.
func (s *Server) request(ctx context.Context, service string) (*link, error) {
	l, err := s.connection(ctx)
	if err != nil {
		return nil, err
	}
	l.what = service
	if err := l.ask(service); err != nil {
		l.Close()
		return nil, err
	}
	if err := l.status(service); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// query asks for a service whose answer is one text, within a time.
func (s *Server) query(ctx context.Context, service string, patience time.Duration) (string, error) {
	l, err := s.request(ctx, service)
	if err != nil {
		return "", err
	}
	defer l.Close()
	l.silence = patience
	return l.text()
}

// dial connects to a server that runs.
func (s *Server) dial(ctx context.Context) (*link, error) {
	network, address := s.endpoint()
	dialer := net.Dialer{Timeout: s.silence()}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ended(ctx, "adb server "+address)
		}
		return nil, err
	}
	return newLink(ctx, conn, s.silence(), "server "+address), nil
}

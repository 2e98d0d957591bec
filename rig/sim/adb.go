package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spanrig/spanrig/drivers/adb"
)

// adbServer is a real adb server of the bench's own: no other one sees its
// device, and it sees no other device.
type adbServer struct {
	port int
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

func startADB(ctx context.Context, dir string) (*adbServer, error) {
	program, err := exec.LookPath("adb")
	if err != nil {
		return nil, errors.New("adb is not here; install it (Debian package adb)")
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	home := adbHome(dir)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	s := &adbServer{port: port, done: make(chan struct{})}
	s.cmd = exec.Command(program, "-P", strconv.Itoa(port), "nodaemon", "server") // on loopback alone
	// Its keys and logs stay in its own folder, and it looks for no USB device.
	s.cmd.Env = append(without(os.Environ(), "ADB_", "ANDROID_", "HOME=", "TMPDIR="), "HOME="+home, "TMPDIR="+home, "ADB_LIBUSB=0", "ADB_MDNS=0")
	s.cmd.Dir = home
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait() // it is killed in the end
		close(s.done)
	}()
	return s, s.await(ctx)
}

// adbHome is where the server of a bench with this folder keeps its files; it is
// known by that in its environment.
func adbHome(dir string) string { return filepath.Join(dir, "adb") }

func without(env []string, prefixes ...string) []string {
	var list []string
next:
	for _, e := range env {
		for _, p := range prefixes {
			if strings.HasPrefix(e, p) {
				continue next
			}
		}
		list = append(list, e)
	}
	return list
}

// await returns when the server answers.
func (s *adbServer) await(ctx context.Context) error {
	server := &adb.Server{Addr: s.addr()}
	for {
		conn, err := net.DialTimeout("tcp", s.addr(), time.Second)
		if err == nil {
			_ = conn.Close()
			_, err = server.Version(ctx)
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the adb server does not answer: %w", err)
		case <-s.done:
			return fmt.Errorf("the adb server ended: %v", s.cmd.ProcessState)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *adbServer) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *adbServer) stop() error {
	_ = s.cmd.Process.Kill()
	<-s.done
	endServer(s.addr())
	return nil
}

// serverTime is how long an adb server may take to end when it is asked to.
const serverTime = 5 * time.Second

// endServer ends the adb server of a bench, whoever started it: where the
// bench's own had died, a driver has started another on its port. One that does
// not answer is killed.
func endServer(addr string) {
	ctx, cancel := context.WithTimeout(context.Background(), serverTime)
	defer cancel()
	if err := (&adb.Server{Addr: addr}).Kill(ctx); err == nil {
		return
	}
	_, port, _ := net.SplitHostPort(addr) // where it is none, nothing has it
	for _, pid := range having("cmdline", "\x00tcp:"+port+"\x00fork-server\x00") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// freePort is a TCP port of loopback that nobody has now, below those that
// Linux gives to connections by itself (32768 to 60999): until it is listened
// to, nothing takes it.
func freePort() (port int, err error) {
	for range 100 {
		port = 20000 + rand.IntN(12000)
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, err
}

// reach returns when the device answers through the server.
func (b *Bench) reach(ctx context.Context, port int) error {
	d, err := adb.New(adb.Config{Server: &adb.Server{Addr: b.server.addr()}, Serial: fmt.Sprintf("127.0.0.1:%d", port), Booted: true})
	if err != nil {
		return err
	}
	return d.Ready(ctx)
}

package adbd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
)

// Features that the daemon has. Android 10 has the first three; sendrecv_v2
// came with Android 11, shell_v2 with Android 7.
const (
	FeatureShell2    = "shell_v2"
	FeatureStat2     = "stat_v2"
	FeatureMakeDirs  = "fixed_push_mkdir"
	FeatureSendRecv2 = "sendrecv_v2"
)

// Shell runs command lines as the device's shell.
type Shell interface {
	// Exec runs a command line and returns its exit code. An empty one means
	// that commands come from stdin. It returns soon after ctx ends, which it
	// does when the host closes the stream.
	Exec(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) int
}

// Config says what the daemon shows of the device.
type Config struct {
	Shell   Shell
	Files   Files
	Reboot  func(target string) // is told of a reboot: "", "bootloader", "recovery"; nil: nothing happens
	Product string              // ro.product.name
	Model   string              // ro.product.model
	Device  string              // ro.product.device
	State   string              // what the device is in: empty: "device"; or "recovery", "sideload", "bootloader"
	// Allow is the dialog that asks a person whether this host may debug; until
	// it returns true, the device is unauthorized. nil: every host may.
	Allow    func(context.Context) bool
	Features []string // nil: those of Android 10; empty: those of an old device
}

// Daemon is a simulated device as adb sees it.
type Daemon struct {
	config Config
	banner string

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	frozen chan struct{} // closed while the daemon runs; open while it is frozen
}

// New checks the configuration and makes a daemon, which does nothing until Serve.
func New(c Config) (*Daemon, error) {
	if c.Shell == nil || c.Files == nil {
		return nil, errors.New("adbd: a daemon needs a shell and files")
	}
	if c.Features == nil {
		c.Features = []string{FeatureShell2, FeatureStat2, FeatureMakeDirs}
	}
	for _, f := range c.Features {
		if !slices.Contains([]string{FeatureShell2, FeatureStat2, FeatureMakeDirs, FeatureSendRecv2}, f) {
			return nil, fmt.Errorf("adbd: feature %q is not known", f)
		}
	}
	if c.State == "" {
		c.State = "device"
	}
	d := &Daemon{config: c, banner: c.banner(), conns: map[net.Conn]struct{}{}, frozen: make(chan struct{})}
	close(d.frozen)
	if len(d.banner) > bannerBytes {
		return nil, fmt.Errorf("adbd: the names of the device are %d bytes too long", len(d.banner)-bannerBytes)
	}
	return d, nil
}

func (c *Config) banner() string {
	clean := strings.NewReplacer(";", "_", ":", "_", "=", "_").Replace
	b := fmt.Sprintf("%s::ro.product.name=%s;ro.product.model=%s;ro.product.device=%s",
		c.State, clean(c.Product), clean(c.Model), clean(c.Device))
	if len(c.Features) > 0 {
		b += ";features=" + strings.Join(c.Features, ",")
	}
	return b
}

// Serve takes connections of adb servers from l until ctx ends or l fails;
// then it closes l, drops all connections at once, and returns when every
// service has ended. The error says why l failed; it is nil where ctx ended.
func (d *Daemon) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var services sync.WaitGroup
	defer services.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			over := ctx.Err() != nil
			cancel()
			l.Close()
			if over {
				return nil
			}
			return fmt.Errorf("adbd: %w", err)
		}
		services.Go(func() {
			d.track(conn, true)
			defer d.track(conn, false)
			serveTransport(ctx, d, conn)
		})
	}
}

func (d *Daemon) track(conn net.Conn, add bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if add {
		d.conns[conn] = struct{}{}
	} else {
		delete(d.conns, conn)
	}
}

// Drop closes all connections, as a cable does that is pulled; the listener
// stays, so the server may come back.
func (d *Daemon) Drop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for conn := range d.conns {
		conn.Close()
	}
}

// Freeze makes the daemon deaf and dumb while its connections stay, and wakes it up again.
func (d *Daemon) Freeze(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.frozen:
		if on {
			d.frozen = make(chan struct{})
		}
	default:
		if !on {
			close(d.frozen)
		}
	}
}

// awake waits while the daemon is frozen.
func (d *Daemon) awake(ctx context.Context) error {
	d.mu.Lock()
	frozen := d.frozen
	d.mu.Unlock()
	select {
	case <-frozen:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

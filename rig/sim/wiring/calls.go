package wiring

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"time"
)

// Up builds a bench's network and returns when it forwards. Nothing is left of
// it where it fails.
func Up(c Config) (*Wiring, error) {
	if err := CheckName(c.Name); err != nil {
		return nil, err
	}
	if err := up(c); errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("build the network of bench %s: %w; it takes root", c.Name, err)
	} else if err != nil {
		return nil, fmt.Errorf("build the network of bench %s: %w", c.Name, err)
	}
	return &Wiring{c.Name}, nil
}

// Open returns the network of a bench that is up.
func Open(name string) (*Wiring, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if err := exists(name); err != nil {
		return nil, fmt.Errorf("open the network of bench %s: %w", name, err)
	}
	return &Wiring{name}, nil
}

// Down removes all that there is of a bench's network, also where little is
// left of it after a crash; where there is nothing, that is no error. Processes
// inside are the caller's: see [Processes].
func Down(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if err := down(name); err != nil {
		return fmt.Errorf("remove the network of bench %s: %w", name, err)
	}
	return nil
}

// List returns the names of the benches of which anything exists, sorted.
func List() ([]string, error) { return list() }

// Processes lists the processes that are inside a bench's namespaces, but for
// this one. After a crash they are what has to be ended before Down.
func Processes(name string) ([]int, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return processes(name)
}

// Do runs f on a thread of its own inside a namespace. What f opens stays
// there, wherever it is used later; goroutines that f starts are not inside.
func (w *Wiring) Do(where Place, f func() error) error { return do(w.Namespace(where), f) }

// Start starts a process inside a namespace.
func (w *Wiring) Start(where Place, cmd *exec.Cmd) error { return w.Do(where, cmd.Start) }

// Listen is net.Listen inside a namespace; the address is one in digits.
func (w *Wiring) Listen(where Place, network, addr string) (l net.Listener, err error) {
	err = w.Do(where, func() error {
		l, err = net.Listen(network, addr)
		return err
	})
	return l, err
}

// ListenPacket is net.ListenPacket inside a namespace; the address is one in digits.
func (w *Wiring) ListenPacket(where Place, network, addr string) (c net.PacketConn, err error) {
	err = w.Do(where, func() error {
		c, err = net.ListenPacket(network, addr)
		return err
	})
	return c, err
}

// Dial connects from inside a namespace to an address in digits: the resolver
// of this process knows nothing of the bench.
func (w *Wiring) Dial(ctx context.Context, where Place, network, addr string) (c net.Conn, err error) {
	if _, err := netip.ParseAddrPort(addr); err != nil {
		return nil, fmt.Errorf("dial %s from the %s: give an address in digits: %w", addr, where, err)
	}
	err = w.Do(where, func() error {
		c, err = new(net.Dialer).DialContext(ctx, network, addr)
		return err
	})
	return c, err
}

// Mirror chooses what the SPAN interface is shown.
func (w *Wiring) Mirror(m Mirror) error {
	return w.change("mirror", func() error { return mirror(w.name, m) })
}

// Attach gives the device's port carrier, as an access point that it finds.
func (w *Wiring) Attach() error {
	return w.change("attach", func() error { return setPort(w, port, true) })
}

// Detach takes the carrier away.
func (w *Wiring) Detach() error {
	return w.change("detach", func() error { return setPort(w, port, false) })
}

// Uplink connects the switch to the world, or cuts it off; the device sees no difference.
func (w *Wiring) Uplink(on bool) error {
	return w.change("uplink", func() error { return setPort(w, uplink, on) })
}

// SecondUplink switches the device's way around the mirror: rmnet0 is up and
// has default routes of both families, or is down.
func (w *Wiring) SecondUplink(on bool) error {
	return w.change("second uplink", func() error { return secondUplink(w.name, on) })
}

// SPANLink connects the SPAN interface to the switch, or lets it lose carrier.
func (w *Wiring) SPANLink(on bool) error {
	return w.change("SPAN link", func() error { return setPort(w, mirrorEnd, on) })
}

func (w *Wiring) change(what string, f func() error) error {
	if err := f(); err != nil {
		return fmt.Errorf("%s of bench %s: %w", what, w.name, err)
	}
	return nil
}

// Lease is what the network told a device that joined it.
type Lease struct {
	Addr      netip.Prefix
	Router    netip.Addr
	Resolvers []netip.Addr
	Addr6     netip.Addr // global one by router advertisement; not valid where none came in time
	Until     time.Time  // the lease ends then and is not renewed; that of package world lasts a day
}

// Join brings wlan0 up and joins the LAN, in the namespace of the calling
// thread, which is that of the device: a process started there calls it as it
// is, others within [Wiring.Do]. It does the DHCP exchange (RFC 2131), sets
// address and default route, and waits up to four seconds for the kernel to make
// an IPv6 address from a router advertisement.
func Join(ctx context.Context) (Lease, error) {
	l, err := join(ctx)
	if err != nil {
		return Lease{}, fmt.Errorf("join the LAN: %w", err)
	}
	return l, nil
}

// Leave takes addresses and routes from wlan0 and brings it down, in the
// namespace of the calling thread.
func Leave() error {
	if err := leave(); err != nil {
		return fmt.Errorf("leave the LAN: %w", err)
	}
	return nil
}

var errExists = errors.New("there is one of that name: take it down first")

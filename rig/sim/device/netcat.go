package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// ncOptions are those of toybox nc that the device knows.
type ncOptions struct {
	udp    bool
	family int
	port   uint16        // to send from; 0: any
	wait   time.Duration // for the connection, and without traffic with -W or -u
	idle   time.Duration
	host   string
	to     uint16
}

const ncUsage = "nc [-46u] [-p PORT] [-w SECONDS] [-W SECONDS] HOST PORT"

func parseNC(args []string) (o ncOptions, err error) {
	var rest []string
	for i := 0; i < len(args); i++ {
		letters, isOption := strings.CutPrefix(args[i], "-")
		if !isOption || letters == "" {
			rest = append(rest, args[i])
			continue
		}
		for len(letters) > 0 {
			letter := letters[0]
			letters = letters[1:]
			if !strings.ContainsRune("pwWqs", rune(letter)) {
				o.flag(letter)
				continue
			}
			value := letters
			if letters = ""; value == "" {
				if i++; i == len(args) {
					return o, fmt.Errorf("-%c needs an argument", letter)
				}
				value = args[i]
			}
			if err := o.set(letter, value); err != nil {
				return o, err
			}
		}
	}
	if len(rest) != 2 {
		return o, errors.New("needs HOST and PORT")
	}
	o.host = rest[0]
	o.to, err = portNumber(rest[1])
	return o, err
}

func (o *ncOptions) flag(letter byte) {
	switch letter {
	case 'u':
		o.udp = true
	case '4':
		o.family = 4
	case '6':
		o.family = 6
	}
}

func (o *ncOptions) set(letter byte, value string) (err error) {
	switch letter {
	case 'p':
		o.port, err = portNumber(value)
	case 'w', 'W', 'q':
		var seconds float64
		seconds, err = strconv.ParseFloat(value, 64)
		d := time.Duration(seconds * float64(time.Second))
		if letter == 'w' {
			o.wait = d
		} else {
			o.idle = d
		}
	}
	return err
}

func portNumber(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("bad port %q", s)
	}
	return uint16(n), nil
}

// nc connects, sends its input, says that there is no more, and prints what
// comes until the other side ends.
func (d *device) nc(ctx context.Context, c *adbd.Call) int {
	o, err := parseNC(c.Args[1:])
	if err != nil {
		c.Fail("%v", err)
		return usage(c, ncUsage)
	}
	conn, err := d.ncDial(ctx, o)
	if err != nil {
		return c.Fail("%s", ncReason(err))
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	go func() {
		_, _ = io.Copy(conn, c.Stdin) // what cannot be sent shows in what comes back
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
	if err := receive(conn, c.Stdout, o); err != nil {
		return c.Fail("%s", ncReason(err))
	}
	return 0
}

func (d *device) ncDial(ctx context.Context, o ncOptions) (net.Conn, error) {
	if o.wait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.wait)
		defer cancel()
	}
	shell := d.running().traffic.users[shellUID]
	network := "tcp"
	if o.udp {
		network = "udp"
	}
	return shell.DialFrom(ctx, network, o.port, talk.Peer{Name: o.host, Port: o.to, Family: o.family})
}

// receive copies until the end, or until nothing has come for too long.
func receive(conn net.Conn, w io.Writer, o ncOptions) error {
	idle := o.idle
	if o.udp && idle == 0 {
		idle = o.wait
	}
	buf := make([]byte, 4096)
	for {
		if idle > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(idle)) // a dead connection says so in Read
		}
		n, err := conn.Read(buf)
		if _, failed := w.Write(buf[:n]); failed != nil {
			return failed
		}
		var late net.Error
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.As(err, &late) && late.Timeout():
			return nil
		case err != nil:
			return err
		}
	}
}

// ncReason words an error as toybox does.
func ncReason(err error) string {
	var late net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connect: Connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "read: Connection reset by peer"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return "Timeout"
	}
	return err.Error()
}

// isV6 says whether a text is an IPv6 address.
func isV6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6()
}

package adb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Config says which device to drive, and how.
type Config struct {
	Server  *Server       // nil: the usual one
	Serial  string        // as "adb devices" shows it; address, or host:port, of a device on the network
	Silence time.Duration // a device that answers nothing for so long is asked for a sign of life; 0: the server's
	Booted  bool          // Ready waits until Android has started, too
	Note    drivers.Note  // nil: nobody is told
}

// Device is an Android device behind an adb server. Its calls may run at the
// same time.
type Device struct {
	config Config
	mixed  sync.Once // the journal was told that both outputs are one
}

var _ drivers.Bridge = (*Device)(nil)

// usualPort is where a device's daemon listens on the network.
const usualPort = 5555

// New makes a device of its configuration; nothing is sent before its first call.
func New(c Config) (*Device, error) {
	if c.Serial == "" || strings.ContainsAny(c.Serial, " \t\r\n\x00") {
		return nil, fmt.Errorf("adb: serial %q: say it as adb devices shows it", c.Serial)
	}
	if addr, err := netip.ParseAddr(c.Serial); err == nil {
		c.Serial = netip.AddrPortFrom(addr, usualPort).String() // as adb completes it
	}
	if c.Server == nil {
		c.Server = new(Server)
	}
	if c.Silence <= 0 {
		c.Silence = c.Server.silence()
	}
	if c.Note == nil {
		c.Note = drivers.Silent
	}
	return &Device{config: c}, nil
}

// Serial is the device's name at its server.
func (d *Device) Serial() string { return d.config.Serial }

// networked reports whether the device is one to connect to. A serial with a
// colon may also be a vendor's odd one.
func (d *Device) networked() bool {
	host, port, err := net.SplitHostPort(d.config.Serial)
	if err != nil || host == "" {
		return false
	}
	_, err = netip.ParseAddrPort("0.0.0.0:" + port)
	return err == nil
}

// Features lists what the device's daemon can do: "shell_v2", "stat_v2".
func (d *Device) Features(ctx context.Context) ([]string, error) {
	text, err := d.config.Server.query(ctx, "host-serial:"+d.config.Serial+":features", d.config.Silence)
	if err != nil {
		return nil, d.explain(err)
	}
	return strings.Split(text, ","), nil
}

func (d *Device) has(ctx context.Context, feature string) (bool, error) {
	features, err := d.Features(ctx)
	return slices.Contains(features, feature), err
}

// open asks the device for a service. Silence on the link that it returns
// makes it look for a sign of life.
func (d *Device) open(ctx context.Context, service string) (*link, error) {
	l, err := d.config.Server.request(ctx, "host:transport:"+d.config.Serial)
	if err != nil {
		return nil, d.explain(err)
	}
	name, _, _ := strings.Cut(service, ":")
	l.what, l.silence = d.config.Serial+": "+name, d.config.Silence
	if err = l.ask(service); err == nil {
		err = l.status(service)
	}
	if err != nil {
		l.Close()
		return nil, d.explain(err)
	}
	l.probe = d.alive
	return l, nil
}

// alive opens the cheapest service: the device's daemon itself has to answer,
// and no program is started for it.
func (d *Device) alive(ctx context.Context) error {
	l, err := d.config.Server.request(ctx, "host:transport:"+d.config.Serial)
	if err != nil {
		return d.explain(err)
	}
	defer l.Close()
	l.what, l.silence = d.config.Serial+": sign of life", d.config.Silence
	if err := l.ask("sync:"); err != nil {
		return err
	}
	return d.explain(l.status("sync:"))
}

// explain makes an error of the device of a refusal by the server, or of the
// device's daemon, which refuses with the word "closed".
func (d *Device) explain(err error) error {
	var refused *RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	for text, state := range map[string]State{
		"not found": Absent, "offline": Offline, "unauthorized": Unauthorized, "authorizing": Authorizing,
		"connecting": Connecting, "permissions": NoPermissions,
	} {
		if strings.HasPrefix(refused.Reason, "device "+text) || strings.HasPrefix(refused.Reason, "device still "+text) ||
			strings.HasPrefix(refused.Reason, "device '") && strings.HasSuffix(refused.Reason, text) ||
			state == NoPermissions && strings.Contains(refused.Reason, text) {
			return &StateError{d.config.Serial, state}
		}
	}
	return fmt.Errorf("adb %s: %w: %s", d.config.Serial, drivers.ErrLost, oneLine(refused.Reason))
}

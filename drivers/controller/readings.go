package controller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
)

// pid is the app's process, 0 where it is not running. An app has one process
// of its name; those with a colon behind it are its services.
func (c *Controller) pid(ctx context.Context) (int, error) {
	pids, err := android.PIDs(ctx, c.config.Bridge, c.config.Package)
	if err != nil || len(pids) == 0 {
		return 0, err
	}
	return pids[0], nil
}

// ReadApp implements [drivers.Controller].
func (c *Controller) ReadApp(ctx context.Context) (drivers.AppReading, error) {
	r := drivers.AppReading{Witness: drivers.ByScreen}
	if err := c.standing.Refusal(); err != nil {
		return r, err
	}
	pid, err := c.pid(ctx)
	if err != nil {
		return r, fmt.Errorf("read the app: %w", err)
	}
	screen, err := android.ReadScreen(ctx, c.config.Bridge)
	if err != nil {
		return r, fmt.Errorf("read the app: %w", err)
	}
	r.PID, r.Running = pid, pid != 0
	r.Awake, r.Foreground = screen.Awake, screen.Foreground(c.config.Package)
	return r, nil
}

// ReadRoutes implements [drivers.Controller].
func (c *Controller) ReadRoutes(ctx context.Context) (drivers.RoutesReading, error) {
	r := drivers.RoutesReading{Captured: c.config.Captured}
	if err := c.standing.Refusal(); err != nil {
		return r, err
	}
	list, err := android.Interfaces(ctx, c.config.Bridge)
	if err != nil {
		return r, fmt.Errorf("read the routes: %w", err)
	}
	for _, i := range list {
		r.Interfaces = append(r.Interfaces, i.InterfaceRoutes)
	}
	if !slices.ContainsFunc(list, func(i android.Interface) bool { return i.Name == c.config.Captured }) {
		return r, c.noInterface(list)
	}
	return r, nil
}

func (c *Controller) noInterface(list []android.Interface) error {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return fmt.Errorf("%w: the device has no interface %s; say under network which one is captured (it has: %v)", errSetup, c.config.Captured, names)
}

// addressed reports why the captured interface has an address where it should
// have none, or the other way round. Addresses of the link alone do not count.
func (c *Controller) addressed(ctx context.Context, want bool) error {
	list, err := c.addresses(ctx)
	if has := len(list) > 0; err == nil && has != want {
		err = fmt.Errorf("interface %s has %s address", c.config.Captured, onOff(has, "still an", "no"))
	}
	return err
}

// addresses lists those of the captured interface; none where it is not there.
func (c *Controller) addresses(ctx context.Context) ([]netip.Addr, error) {
	list, err := android.Interfaces(ctx, c.config.Bridge)
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		if i.Name == c.config.Captured {
			return global(i), nil
		}
	}
	return nil, c.noInterface(list)
}

// global lists the addresses of an interface that lead beyond its link.
func global(i android.Interface) []netip.Addr {
	var list []netip.Addr
	for _, p := range i.Addrs {
		if a := p.Addr(); !a.IsLinkLocalUnicast() && !a.IsLoopback() {
			list = append(list, a)
		}
	}
	return list
}

// Clock implements [drivers.Timekeeper].
func (c *Controller) Clock(ctx context.Context) (offset, uncertain time.Duration, err error) {
	if err := c.standing.Refusal(); err != nil {
		return 0, 0, err
	}
	return android.Clock(ctx, c.config.Bridge)
}

// Chronicle implements [drivers.Chronicler]: logcat.
func (c *Controller) Chronicle(ctx context.Context, w io.Writer) error {
	return android.Logcat(ctx, c.config.Bridge, w, c.config.Note)
}

// Sockets implements [drivers.Attributor]. What the device does not let its
// shell read is errors.ErrUnsupported.
func (c *Controller) Sockets(ctx context.Context) ([]drivers.Socket, error) {
	if err := c.standing.Refusal(); err != nil {
		return nil, err
	}
	list, err := android.Sockets(ctx, c.config.Bridge)
	return list, unsupported(err)
}

// Counters implements [drivers.Attributor].
func (c *Controller) Counters(ctx context.Context) (sent, received uint64, err error) {
	if err := c.standing.Refusal(); err != nil {
		return 0, 0, err
	}
	app, err := android.ReadPackage(ctx, c.config.Bridge, c.config.Package)
	if err != nil {
		return 0, 0, err
	}
	counters, err := android.ReadCounters(ctx, c.config.Bridge, app.UID)
	return counters.Sent, counters.Received, unsupported(err)
}

// unsupported marks the refusal of a program of the device: it will refuse again.
func unsupported(err error) error {
	var refused *android.CommandError
	if errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	return err
}

// Inspect implements [drivers.Controller]. A device that is just starting is
// waited for; one that a run before, which was killed, left without Wi-Fi is
// given it again.
func (c *Controller) Inspect(ctx context.Context) (drivers.Inspection, error) {
	if err := c.standing.Refusal(); err != nil {
		return drivers.Inspection{}, err
	}
	h := c.hand("inspect")
	if err := h.up(ctx); err != nil {
		return drivers.Inspection{}, err
	}
	if err := h.rejoin(ctx); err != nil {
		return drivers.Inspection{}, err
	}
	if err := h.back(ctx); err != nil {
		return drivers.Inspection{}, err
	}
	if err := c.installed(ctx); err != nil {
		return drivers.Inspection{}, err
	}
	props, err := android.Props(ctx, c.config.Bridge)
	if err != nil {
		return drivers.Inspection{}, err
	}
	i := drivers.Inspection{Package: c.config.Package, Obtained: map[string]string{}}
	get := func(key string, names ...string) string {
		for _, name := range names {
			if v := props[name]; name != "" && v != "" {
				i.Obtained[key] = "getprop " + name
				return v
			}
		}
		return ""
	}
	i.Model = get("model", "ro.product.model")
	i.Serial = get("serial", "ro.serialno", "ro.boot.serialno")
	i.Firmware = get("firmware", c.config.Script.FirmwareProp, "ro.build.display.id", "ro.build.version.incremental")
	return i, c.inspectApp(ctx, &i)
}

// inspectApp adds the app and the captured interface.
func (c *Controller) inspectApp(ctx context.Context, i *drivers.Inspection) error {
	app, err := android.ReadPackage(ctx, c.config.Bridge, c.config.Package)
	if err != nil {
		return err
	}
	i.Version, i.UID = app.VersionName, strconv.Itoa(app.UID)
	i.Obtained["package"] = "pm list packages"
	i.Obtained["version"], i.Obtained["uid"] = "dumpsys package", "dumpsys package"
	list, err := android.Interfaces(ctx, c.config.Bridge)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(one android.Interface) bool { return one.Name == c.config.Captured })
	if at < 0 {
		return c.noInterface(list)
	}
	captured := list[at]
	if captured.MAC != "" {
		i.MACs = []string{captured.MAC}
		i.Obtained["macs"] = "ip link, " + captured.Name
	}
	i.Addrs = global(captured)
	i.Obtained["addrs"] = "ip addr, " + captured.Name
	return nil
}

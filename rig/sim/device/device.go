package device

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// device is the whole of it. What is in boot is made anew at each boot.
type device struct {
	config  Config
	store   *store
	files   *adbd.Tree
	host    *talk.Host
	bench   *bench
	pids    pids
	log     logs
	restart chan struct{} // somebody wants a reboot

	mu        sync.Mutex
	boot      *boot
	cable     bool // a USB host is there
	resolvers []netip.Addr
}

// boot is the device between power-on and power-off.
type boot struct {
	app     *pilot.App
	began   time.Time
	id      string
	done    bool // sys.boot_completed
	awake   bool // the display is on
	front   bool // the app is on it, else the launcher
	props   map[string]string
	radio   *radio
	adb     *outlet
	serial  *outlet
	traffic *system
}

// Run is a device from power-on until ctx ends. An error is what kept it from
// going on; nil where ctx ended.
func Run(ctx context.Context, c Config) error {
	if err := c.check(); err != nil {
		return err
	}
	d := &device{config: c, restart: make(chan struct{}, 1), cable: true}
	var err error
	if d.store, err = openStore(c.State); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if len(c.Roots) > 0 && !roots.AppendCertsFromPEM(c.Roots) {
		return errors.New("device: the certificates to trust are no PEM")
	}
	d.files = adbd.NewTree(d.now)
	d.lay()
	if err := talk.AllowEchoes(); err != nil {
		return fmt.Errorf("device: allow echoes: %w", err)
	}
	d.host = talk.NewHost(talk.Config{Resolvers: d.nameServers, Roots: roots, Now: d.now})
	if d.bench, err = openBench(c.Control, d); err != nil {
		return err
	}
	defer d.bench.close()
	for ctx.Err() == nil {
		if err := d.once(ctx); err != nil {
			return fmt.Errorf("device: %w", err)
		}
	}
	return nil
}

// now is the device's clock.
func (d *device) now() time.Time { return time.Now().Add(d.config.Knobs.ClockOff) }

func (d *device) nameServers() []netip.Addr {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.resolvers
}

// tell says what happens to all who listen.
func (d *device) tell(what, why string) {
	e := Event{What: what, Why: why}
	if b := d.running(); b != nil {
		e.Mode, e.PID = b.app.Mode(), b.app.PID()
	}
	d.report(e)
}

func (d *device) report(e Event) {
	e.Time = time.Now()
	d.bench.say(e)
	d.config.Tell(e)
}

// running is the boot that is under way; nil between two.
func (d *device) running() *boot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.boot
}

// once is one boot: it returns when the device has gone down.
func (d *device) once(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	b := d.powerOn()
	var failed error
	var parts sync.WaitGroup
	part := func(run func(context.Context) error) {
		parts.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				d.mu.Lock()
				failed = errors.Join(failed, err)
				d.mu.Unlock()
				cancel()
			}
		})
	}
	part(d.serveADB)
	part(d.serveSerial)
	part(b.radio.run)
	part(d.finishBoot)
	select {
	case <-ctx.Done():
	case <-d.restart:
		d.tell(Down, "")
	}
	cancel()
	b.radio.off() // first of all, so that nobody can say goodbye
	b.app.Vanish()
	b.traffic.end()
	parts.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.boot, d.resolvers = nil, nil
	return failed
}

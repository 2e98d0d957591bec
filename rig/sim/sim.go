package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers/lock"
	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/fault"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// Config says what bench to build.
type Config struct {
	Name    string   // 1 to 10 of a-z, 0-9 and '-'
	Dir     string   // for its files; made, so it must not exist, and removed by Close
	Fault   string   // by name; empty: the device behaves
	Scale   float64  // of the plan's durations; 0: 0.1
	Program []string // that leads to Child; nil: this program with "sim", "child"
}

const (
	defaultScale = 0.1 // makes a minute six seconds
	maxScale     = 100 // as in bench files
)

// Bench is a simulated bench that is up.
type Bench struct {
	File string // the bench file
	Wire *wiring.Wiring

	config   Config
	held     *lock.Lock // of its name
	fault    *fault.Fault
	children []*child
	remote   *device.Remote
	server   *adbServer
	stop     context.CancelFunc
	ended    sync.WaitGroup

	mu  sync.Mutex
	err error // what first kept the bench from being as it says
}

// identity names a bench in locks. Who holds it may build and remove the bench.
func identity(name string) string { return "simulated bench " + name }

const benchFile = "bench.yaml"

// Start builds a bench and returns when its device has booted and adb answers.
// ctx bounds the start only. Where the name is taken the error is a
// *drivers.BusyError, and what has it stays as it is.
func Start(ctx context.Context, c Config) (*Bench, error) {
	if err := wiring.CheckName(c.Name); err != nil {
		return nil, err
	}
	if c.Scale == 0 {
		c.Scale = defaultScale
	}
	if !(c.Scale > 0 && c.Scale <= maxScale) {
		return nil, fmt.Errorf("scale %g; say a factor such as 0.1", c.Scale)
	}
	fault, err := faultOf(c.Fault)
	if err != nil {
		return nil, err
	}
	held, err := lock.Take("it is up", identity(c.Name))
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(c.Dir, 0o700); err != nil {
		return nil, errors.Join(err, held.Release())
	}
	b := &Bench{config: c, held: held, fault: fault, File: filepath.Join(c.Dir, benchFile)}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bench) start(ctx context.Context) error {
	var err error
	if b.Wire, err = wiring.Up(wiring.Config{Name: b.config.Name}); err != nil {
		return err
	}
	if err := b.startWorld(ctx); err != nil {
		return err
	}
	if b.fault.Setup != nil {
		if err := b.fault.Setup(b.Wire); err != nil {
			return err
		}
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	if err := b.startDevice(ctx, port); err != nil {
		return err
	}
	if b.server, err = startADB(ctx, b.config.Dir); err != nil {
		return err
	}
	if err := b.writeBench(port); err != nil {
		return err
	}
	run, stop := context.WithCancel(context.Background())
	b.stop = stop
	b.ended.Go(func() { b.follow(run) })
	arriving, arrived := context.WithCancel(ctx)
	defer arrived()
	for _, c := range b.children {
		b.ended.Go(func() {
			select {
			case <-run.Done():
			case <-c.done:
				b.failed(c.fault)
				arrived()
			}
		})
	}
	if err := b.reach(arriving, port); err != nil {
		return errors.Join(b.Err(), err)
	}
	return nil
}

func (b *Bench) startWorld(ctx context.Context) error {
	c, err := b.child(ctx, wiring.World, worldConfig{Authority: b.path("authority.pem"), Log: b.path("world.log"), HTTPS: false})
	if err != nil {
		return fmt.Errorf("the simulated world: %w", err)
	}
	b.children = append(b.children, c)
	return nil
}

func (b *Bench) startDevice(ctx context.Context, port int) error {
	c, err := b.child(ctx, wiring.Device, deviceConfig{
		State: b.path("state"), Roots: b.path("authority.pem"), DUML: b.path("duml"), Control: b.path("control"),
		Port: port, Pace: paceOf(b.config.Scale), Knobs: b.fault.Knobs,
	})
	if err != nil {
		return fmt.Errorf("the simulated device: %w", err)
	}
	b.children = append(b.children, c)
	if b.remote, err = device.Connect(ctx, b.path("control")); err != nil {
		return err
	}
	_, err = b.remote.Until(ctx, device.Booted, "")
	return err
}

// Fault is what the bench does wrong.
func (b *Bench) Fault() *fault.Fault { return b.fault }

// paceOf is how fast the device lives where the plan is scaled.
func paceOf(scale float64) float64 { return max(scale*5, 0.2) }

func (b *Bench) path(name string) string { return filepath.Join(b.config.Dir, name) }

// Close ends everything and removes every trace of the bench.
func (b *Bench) Close() error {
	if b.stop != nil {
		b.stop()
	}
	var errs []error
	if b.remote != nil {
		errs = append(errs, b.remote.Close())
	}
	b.ended.Wait()
	if b.server != nil {
		errs = append(errs, b.server.stop())
	}
	for _, c := range b.children {
		errs = append(errs, c.end())
	}
	if b.Wire != nil {
		errs = append(errs, wiring.Down(b.config.Name))
	}
	errs = append(errs, os.RemoveAll(b.config.Dir), b.held.Release())
	return errors.Join(errs...)
}

// child is a process of the bench.
type child struct {
	cmd *exec.Cmd
	in  *os.File // closing it ends the child, also when this process is killed

	done  chan struct{} // closed when it has ended
	fault error         // by then: what it ended of
}

// patience bounds how long a child may take to end by itself.
const patience = 20 * time.Second

func (c *child) end() error {
	_ = c.in.Close()
	select {
	case <-c.done:
		return nil
	case <-time.After(patience):
		_ = c.cmd.Process.Kill()
		<-c.done
		return fmt.Errorf("process %d of the simulator did not end by itself", c.cmd.Process.Pid)
	}
}

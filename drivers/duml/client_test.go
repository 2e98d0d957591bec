package duml_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/duml"
	"github.com/spanrig/spanrig/drivers/serial"
	"github.com/spanrig/spanrig/drivers/serial/pseudo"
)

var (
	radio = duml.At(duml.Radio, 0)
	fw    = duml.Version{Hardware: "RM510B Ver.A", Loader: duml.Release{1, 0, 0, 4}, Firmware: duml.Release{2, 1, 5, 7}, Flags: 1 << 31, Rest: []byte{1}}
)

// bench is an endpoint behind a pseudo-terminal and a console on it.
type bench struct {
	console *serial.Console
	mu      sync.Mutex
	heard   []duml.Frame
}

func newBench(t *testing.T, e duml.Endpoint) *bench {
	t.Helper()
	b := new(bench)
	link := filepath.Join(t.TempDir(), "port")
	device, err := pseudo.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	if b.console, err = serial.Open(serial.Config{Path: link}); err != nil {
		t.Fatal(err)
	}
	e.Heard = func(f duml.Frame, _ bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.heard = append(b.heard, f)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- e.Serve(ctx, device) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		b.console.Close()
	})
	return b
}

func (b *bench) frames() []duml.Frame {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]duml.Frame{}, b.heard...)
}

func TestVersionOverALine(t *testing.T) {
	b := newBench(t, duml.Endpoint{Answers: duml.Versions(fw)})
	c := duml.New(b.console, duml.Config{Wait: 20 * time.Second})
	var all sync.WaitGroup
	for range 4 { // each finds its own answer
		all.Go(func() {
			for range 10 {
				if v, err := c.Version(t.Context(), radio); err != nil || !reflect.DeepEqual(v, fw) {
					t.Errorf("%+v, %v", v, err)
				}
			}
		})
	}
	all.Wait()
}

func TestRetries(t *testing.T) {
	asked := 0
	answers := map[[2]byte]func(duml.Frame) []byte{{0, 0xff}: func(duml.Frame) []byte { return []byte("DJI RC") }}
	b := newBench(t, duml.Endpoint{Answers: answers})
	c := duml.New(b.console, duml.Config{Wait: 200 * time.Millisecond})
	if id, err := duml.New(b.console, duml.Config{Wait: 20 * time.Second}).Identify(t.Context(), radio); err != nil || string(id) != "DJI RC" {
		t.Errorf("%q, %v", id, err)
	}
	_, err := c.Serial(t.Context(), radio)
	for _, f := range b.frames() {
		if f.ID == 0x51 {
			asked++
		}
	}
	if !errors.Is(err, context.DeadlineExceeded) || asked != 3 || !strings.Contains(err.Error(), "0600") {
		t.Errorf("asked %d times: %v", asked, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Serial(short, radio); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestOnlyAllowedCommandsGoOut(t *testing.T) {
	b := newBench(t, duml.Endpoint{})
	c := duml.New(b.console, duml.Config{Wait: 300 * time.Millisecond, Tries: 1})
	allowed := 0
	for set := range 256 {
		for id := range 256 {
			for _, payload := range [][]byte{nil, {0}, {1}, {2}, {1, 0}} {
				for _, to := range []duml.Module{radio, duml.At(duml.Flight, 0)} {
					if err := duml.Check(duml.Frame{To: to, Set: byte(set), ID: byte(id), Payload: payload}); err == nil {
						allowed++
					} else if !errors.Is(err, duml.ErrRefused) {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if allowed != 2*3+2 {
		t.Errorf("%d commands are allowed, want three inquiries to each of two modules, and the push on and off", allowed)
	}
	for _, f := range []duml.Frame{{Response: true, ID: 1}, {Encryption: 1, ID: 1}, {Spare: 1, ID: 1}} {
		if err := duml.Check(f); !errors.Is(err, duml.ErrRefused) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := c.Request(t.Context(), radio, 0, 0x0b, nil); !errors.Is(err, duml.ErrRefused) { // reboot
		t.Errorf("%v", err)
	}
	_, _ = c.Version(t.Context(), radio)
	if got := b.frames(); len(got) != 1 || got[0].ID != 1 {
		t.Errorf("the device heard %+v", got)
	}
}

func TestWatch(t *testing.T) {
	var mu sync.Mutex
	state := duml.Push{Switch: 1}
	b := newBench(t, duml.Endpoint{Every: 5 * time.Millisecond, State: func() duml.Push {
		mu.Lock()
		defer mu.Unlock()
		return state
	}})
	c := duml.New(b.console, duml.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	pushes := 0
	err := c.Watch(ctx, radio, func(p duml.Push, at time.Time) error {
		pushes++
		mu.Lock()
		state.Shutter = true
		mu.Unlock()
		if time.Since(at) > 20*time.Second {
			t.Errorf("a push of %v", at)
		}
		if p.Shutter {
			cancel()
		}
		return nil
	})
	if err != nil || pushes < 2 {
		t.Errorf("%d pushes, %v", pushes, err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		got := b.frames()
		if last := got[len(got)-1]; last.ID == 0x24 && last.Payload[0] == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the mode was not ended: %+v", got)
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop := errors.New("enough")
	if err := c.Watch(t.Context(), radio, func(duml.Push, time.Time) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

func TestLostLine(t *testing.T) {
	device, err := pseudo.Open("")
	if err != nil {
		t.Fatal(err)
	}
	console, err := serial.Open(serial.Config{Path: device.Path, Return: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	time.AfterFunc(20*time.Millisecond, func() { device.Close() })
	if _, err := duml.New(console, duml.Config{}).Version(t.Context(), radio); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("%v, want lost", err)
	}
}

package pilot

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// phone is an app on no network, with what it told.
type phone struct {
	*App
	mu    sync.Mutex
	kept  State
	told  []Happening
	fired map[string]int
}

// newPhone hangs named watches on triggers.
func newPhone(t *testing.T, knobs Knobs, watches map[string]Trigger) *phone {
	t.Helper()
	p := &phone{fired: map[string]int{}}
	c := Config{Knobs: knobs, Host: talk.NewHost(talk.Config{Resolvers: func() []netip.Addr { return nil }}), UID: 10085, Pace: 0.01}
	for name, when := range watches {
		c.Watches = append(c.Watches, Watch{when, func(context.Context) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.fired[name]++
		}})
	}
	next := 100
	c.NewPID = func() int { next++; return next }
	c.Load = func() State { return p.kept }
	c.Save = func(s State) error { p.kept = s; return nil }
	c.Tell = func(h Happening) { p.mu.Lock(); defer p.mu.Unlock(); p.told = append(p.told, h) }
	p.App = New(c)
	t.Cleanup(p.Vanish)
	return p
}

// choose sets the mode as its screen does.
func (p *phone) choose(m drivers.Mode) {
	p.App.mu.Lock()
	defer p.App.mu.Unlock()
	p.setMode(m)
}

func (p *phone) count(name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fired[name]
}

// settles waits until a count is at least so high.
func (p *phone) settles(t *testing.T, name string, least int) {
	t.Helper()
	for range 200 {
		if p.count(name) >= least {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s happened %d times", name, p.count(name))
}

// TestTriggers: each event starts what waits for it, in its mode, as often as it says.
func TestTriggers(t *testing.T) {
	p := newPhone(t, Knobs{}, map[string]Trigger{
		"entered ldm": {On: Enter, In: drivers.LocalData}, "entered any": {On: Enter}, "often": {On: Enter, In: drivers.LocalData, Every: time.Second},
		"launched": {On: Launch}, "launched in ldm": {On: Launch, In: drivers.LocalData},
		"plugged in ldm": {On: Plug, In: drivers.LocalData}, "unplugged": {On: Unplug},
	})
	p.USB(true) // nobody is there to notice
	p.Launch()
	p.settles(t, "launched", 1)
	p.settles(t, "entered any", 1)
	p.USB(true)
	p.USB(false)
	p.settles(t, "unplugged", 1)
	p.choose(drivers.LocalData)
	p.settles(t, "entered ldm", 1)
	p.settles(t, "often", 5)
	p.USB(true)
	p.settles(t, "plugged in ldm", 1)
	p.choose(drivers.Standard)
	time.Sleep(50 * time.Millisecond)
	before := p.count("often")
	time.Sleep(100 * time.Millisecond)
	if after := p.count("often"); after != before {
		t.Errorf("%d more after the mode was left", after-before)
	}
	if n := p.count("launched in ldm"); n != 0 {
		t.Errorf("launched in ldm: %d", n)
	}
	p.choose(drivers.LocalData)
	p.settles(t, "entered ldm", 2)
	p.settles(t, "entered any", 4)
	p.Stop()
	p.Launch()
	p.settles(t, "launched in ldm", 1)
	for name, want := range map[string]int{"launched": 2, "plugged in ldm": 1, "unplugged": 1, "entered ldm": 3, "entered any": 5} {
		p.settles(t, name, want)
		if n := p.count(name); n != want {
			t.Errorf("%s: %d, want %d", name, n, want)
		}
	}
}

// TestQuiet: it waits until nobody has touched the screen for long enough.
func TestQuiet(t *testing.T) {
	p := newPhone(t, Knobs{}, map[string]Trigger{"quiet": {On: Enter, In: drivers.LocalData, Quiet: 30 * time.Second}}) // 0.3 s at this pace
	p.Launch()
	p.choose(drivers.LocalData)
	for range 10 {
		time.Sleep(50 * time.Millisecond)
		p.Type("x")
	}
	if p.count("quiet") != 0 {
		t.Error("it did not wait")
	}
	p.settles(t, "quiet", 1)
}

// TestAllows: which jobs run in which mode.
func TestAllows(t *testing.T) {
	for _, c := range []struct {
		mode    drivers.Mode
		knobs   Knobs
		service string
		want    bool
	}{
		{drivers.Standard, Knobs{}, core, true}, {drivers.Standard, Knobs{}, "maps", true},
		{drivers.Restricted, Knobs{}, core, false}, {drivers.Restricted, Knobs{}, "cloud", true}, {drivers.Restricted, Knobs{}, "maps", false},
		{drivers.Restricted, Knobs{Deaf: []string{"maps"}}, "maps", true},
		{drivers.LocalData, Knobs{}, core, false}, {drivers.LocalData, Knobs{}, "cloud", false},
		{drivers.LocalData, Knobs{Pretends: true}, "maps", true}, {drivers.LocalData, Knobs{Pretends: true}, core, true},
	} {
		p := newPhone(t, c.knobs, nil)
		p.state = State{Mode: c.mode, Services: map[string]bool{"cloud": true}}
		if got := p.allows(c.service); got != c.want {
			t.Errorf("%s, %+v: %q is %t", c.mode, c.knobs, c.service, got)
		}
	}
}

// TestKept: mode and services outlive the process; each start is another one.
func TestKept(t *testing.T) {
	p := newPhone(t, Knobs{}, nil)
	p.Launch()
	first := p.PID()
	p.choose(drivers.Restricted)
	p.App.mu.Lock()
	p.setService("maps", true)
	p.App.mu.Unlock()
	p.Stop()
	if p.PID() != 0 {
		t.Error("it still runs")
	}
	p.Launch()
	if p.PID() == 0 || p.PID() == first || p.kept.Mode != drivers.Restricted || !p.kept.Services["maps"] {
		t.Errorf("process %d after %d, kept %+v", p.PID(), first, p.kept)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var whats []string
	for _, h := range p.told {
		whats = append(whats, h.What)
	}
	if !slices.Equal(whats, []string{"launch", "mode", "service", "stop", "launch"}) {
		t.Errorf("%v", whats)
	}
}

// TestBack leaves screens, dialogs and in the end the app.
func TestBack(t *testing.T) {
	p := newPhone(t, Knobs{}, nil)
	if p.Back() {
		t.Error("there is no app to stay in")
	}
	p.Launch()
	p.App.mu.Lock()
	p.ui.enter(privacy)
	p.ui.enter(modes)
	p.App.choose(drivers.LocalData)
	p.App.mu.Unlock()
	for i, want := range []bool{true, true, true, false} {
		if stays := p.Back(); stays != want {
			t.Errorf("back %d: %t", i+1, stays)
		}
	}
	if p.Mode() != drivers.Standard {
		t.Error("back confirms")
	}
}

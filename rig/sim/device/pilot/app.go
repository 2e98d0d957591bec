package pilot

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// Name is the app's package.
const Name = "com.dji.industry.pilot"

// Version of the app that the simulator plays.
const Version = "10.1.0.30-sim"

// State is what the app keeps, whatever happens to its process.
type State struct {
	Mode     drivers.Mode    `json:"mode"`
	Services map[string]bool `json:"services"`
	Account  bool            `json:"account"` // somebody has logged in
}

// Config is what the app runs on.
type Config struct {
	Host    *talk.Host
	UID     int
	Serial  string // of the device
	Pace    Pace
	Knobs   Knobs
	Load    func() State      // what was kept; called once
	Save    func(State) error // keeps it
	NewPID  func() int
	Watches []Watch                            // what else the triggers start
	Tell    func(Happening)                    // is told what happens, in order; nil: nobody
	Log     func(tag, format string, a ...any) // logcat; nil: nobody
}

// Happening is what the app tells the bench.
type Happening struct {
	What string       `json:"what"` // "launch", "stop", "crash", "mode", "service", "leak"
	Mode drivers.Mode `json:"mode"` // of the screen
	PID  int          `json:"pid,omitempty"`
	Why  string       `json:"why,omitempty"` // which leak, which service
}

// App is the app, running or not. Its methods may be called from every goroutine.
type App struct {
	config Config

	mu      sync.Mutex
	state   State
	proc    *process // nil: not running
	touched time.Time
	ui      ui
	crashed bool      // Knobs.Crash has had its way
	past    [2]uint64 // bytes that processes before sent and got
	blurred bool      // Knobs.Unreadable has
}

// New returns an app that is not running.
func New(c Config) *App {
	if c.Tell == nil {
		c.Tell = func(Happening) {}
	}
	if c.Log == nil {
		c.Log = func(string, string, ...any) {}
	}
	a := &App{config: c, state: c.Load()}
	if a.state.Mode == drivers.Unknown {
		a.state.Mode = drivers.Standard
	}
	if a.state.Services == nil {
		a.state.Services = map[string]bool{}
	}
	return a
}

// Mode is what the screen says.
func (a *App) Mode() drivers.Mode {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state.Mode
}

// PID is the app's process; 0: it is not running.
func (a *App) PID() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proc == nil {
		return 0
	}
	return a.proc.pid
}

// Launch starts the app where it is not running, and shows its home screen.
func (a *App) Launch() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.touched = time.Now()
	if a.proc != nil {
		a.ui.home()
		return
	}
	a.start()
}

func (a *App) start() {
	a.proc = newProcess(a)
	a.ui = ui{}
	a.config.Log("ActivityManager", "Start proc %d:%s/u0a%d for activity {%s/.MainActivity}", a.proc.pid, Name, a.config.UID-firstAppUID, Name)
	a.tell("launch", "")
	a.proc.obey()
	a.proc.happens(Enter)
	a.proc.happens(Launch)
}

// firstAppUID is where Android's users of apps begin.
const firstAppUID = 10000

// Stop ends the app's process, as "am force-stop" does.
func (a *App) Stop() { a.end("stop", (*talk.User).Kill) }

// Vanish ends it as a reboot does: nobody is told.
func (a *App) Vanish() { a.end("stop", (*talk.User).Cut) }

func (a *App) end(what string, how func(*talk.User)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proc == nil {
		return
	}
	a.proc.kill(how)
	a.config.Log("ActivityManager", "Process %s (pid %d) has died: fore TOP", Name, a.proc.pid)
	a.tell(what, "")
	sent, received := a.proc.user.Counters()
	a.past[0], a.past[1] = a.past[0]+sent, a.past[1]+received
	a.proc = nil
	a.blurred = false
}

// crash lets the process die and the system start it again, which nothing on
// the screen shows.
func (a *App) crash() {
	a.end("crash", (*talk.User).Kill)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.crashed = true
	if a.proc == nil {
		a.start()
	}
}

// USB tells the app that a host was plugged in or out.
func (a *App) USB(in bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proc == nil {
		return
	}
	if in {
		a.proc.happens(Plug)
	} else {
		a.proc.happens(Unplug)
	}
}

// Counters are the bytes of payload that the app sent and got.
func (a *App) Counters() (sent, received uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proc != nil {
		sent, received = a.proc.user.Counters()
	}
	return sent + a.past[0], received + a.past[1]
}

// setMode is what the confirmed choice of a mode comes to: it returns when
// what the mode forbids has been closed. a is locked.
func (a *App) setMode(m drivers.Mode) {
	a.state.Mode = m
	a.blurred = false
	a.save()
	if a.proc != nil {
		a.proc.obey()
		a.proc.happens(Enter)
	}
	a.config.Log("PrivacyMode", "network security mode is now %s", m)
	a.tell("mode", "")
}

// setService flips a switch; a is locked.
func (a *App) setService(id string, on bool) {
	a.state.Services = maps.Clone(a.state.Services)
	a.state.Services[id] = on
	a.save()
	if a.proc != nil && a.state.Mode == drivers.Restricted {
		a.proc.obey()
	}
	a.tell("service", id)
}

func (a *App) save() {
	if err := a.config.Save(a.state); err != nil {
		a.config.Log("Settings", "%v", err)
	}
}

func (a *App) tell(what, why string) {
	h := Happening{What: what, Mode: a.state.Mode, Why: why}
	if a.proc != nil {
		h.PID = a.proc.pid
	}
	a.config.Tell(h)
}

// effective is the mode that the app's jobs go by.
func (a *App) effective() drivers.Mode {
	if a.config.Knobs.Pretends && a.state.Mode == drivers.LocalData {
		return drivers.Standard
	}
	return a.state.Mode
}

// core is the service of jobs that no switch allows: they run in standard mode alone.
const core = ""

// allows says whether the jobs of a service may run; a is locked.
func (a *App) allows(id string) bool {
	switch a.effective() {
	case drivers.Standard:
		return true
	case drivers.Restricted:
		return id != core && (a.state.Services[id] || slices.Contains(a.config.Knobs.Deaf, id))
	}
	return false
}

// NetworkLost tells the app that its network is gone: its connections are dead,
// and its jobs begin anew.
func (a *App) NetworkLost() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proc != nil {
		a.proc.user.Drop()
	}
}

package synth

import (
	"fmt"
	"net/netip"
	"time"
)

// Modes of the device, in the contract's words.
const (
	standard = "standard"
	ldm      = "ldm"
	rnm      = "rnm"
)

// Window is a window in the making. Its script may change the fields, which
// start as those of a window where everything is as it should be.
type Window struct {
	Name     string
	Mode     string
	Stimulus string
	Repeat   int // counts windows of one name from 1
	Length   time.Duration
	Guard    time.Duration
	Every    time.Duration // between controls
	Services map[string]string
	Early    time.Duration // windows.json begins that long before the read-back
	Late     time.Duration // and ends that long after the step that leaves the mode

	Asked     string    // mode; what was read at entry and at the end follows
	Read      [2]string // "": no line in the journal
	Witness   string    // of the read-backs: "screen" or "operator"
	App       [3]App    // at start, middle and end
	Unread    bool      // the app's state was never read
	Silent    bool      // standard: the app says nothing
	Quiet     bool      // no system noise
	Uncontrol bool      // no controls at all
	OverHTTP  bool      // controls are HTTP requests in the clear instead of pings
	By        string    // who watches the controls: "device" or "rig"

	r        *Recording
	from     time.Time
	controls map[int]ControlFault
}

// App is what the journal says about the app's process.
type App struct {
	PID               int // 0: not running; negative: not read, no line
	Awake, Foreground bool
}

// ControlFault is what goes wrong with a control.
type ControlFault int

// Faults of a control; the first two still leave its slot proven.
const (
	Sound        ControlFault = iota
	SecondTry                 // the first try is not answered, the second is
	Skipped                   // no try at all
	Unanswered                // three tries, none answered
	AnswerUnseen              // the device got an answer that the capture lacks
	AskUnseen                 // the capture lacks the request
	BothUnseen                // the capture lacks both
)

// At is a moment of the window, d after the read-back of its mode.
func (w *Window) At(d time.Duration) Moment { return Moment{r: w.r, at: w.from.Add(d), host: Device} }

// Control makes the control of slot k go wrong; k counts from 0, and from -1 backwards.
func (w *Window) Control(k int, fault ControlFault) {
	if k < 0 {
		k += len(w.slots())
	}
	w.controls[k] = fault
}

// Standard appends a window of standard mode in which the app talks to the
// first party.
func (r *Recording) Standard(scripts ...func(*Window)) *Recording {
	return r.window(standard, scripts)
}

// LDM appends a window of local data mode.
func (r *Recording) LDM(scripts ...func(*Window)) *Recording { return r.window(ldm, scripts) }

// RNM appends a window of restricted network mode.
func (r *Recording) RNM(scripts ...func(*Window)) *Recording { return r.window(rnm, scripts) }

func (r *Recording) window(mode string, scripts []func(*Window)) *Recording {
	r.attach()
	r.log(r.now, "step", map[string]any{"step": "set mode", "mode": mode})
	r.now = r.now.Add(2 * time.Second)
	app := App{PID: 4242, Awake: true, Foreground: true}
	w := &Window{Mode: mode, Stimulus: "idle", Repeat: 1, Length: time.Minute, Guard: 10 * time.Second, Every: 10 * time.Second,
		Asked: mode, Read: [2]string{mode, mode}, App: [3]App{app, app, app}, Witness: "screen", By: "device", r: r, from: r.now, controls: map[int]ControlFault{}}
	for _, s := range scripts {
		s(w)
	}
	if w.Name == "" {
		w.Name = w.Mode + "/" + w.Stimulus
	}
	for i := range r.windows {
		if r.windows[i].Name == w.Name {
			w.Repeat++
		}
	}
	w.lay()
	r.now = w.from.Add(w.Length)
	r.windows = append(r.windows, w.span())
	return r
}

// lay puts down what every window has.
func (w *Window) lay() {
	end := w.from.Add(w.Length)
	w.readMode("entry", w.Read[0], w.from)
	w.readMode("end", w.Read[1], end.Add(-100*time.Millisecond))
	w.r.log(w.from.Add(10*time.Millisecond), "stimulus", map[string]any{"window": w.Name, "stimulus": w.Stimulus})
	for _, name := range sortedKeys(w.Services) {
		w.r.log(w.from.Add(-50*time.Millisecond), "service", map[string]any{"window": w.Name, "service": name, "state": w.Services[name]})
	}
	w.readApp(end)
	if !w.Uncontrol {
		for k, at := range w.slots() {
			if w.OverHTTP {
				w.request(w.from.Add(at))
				continue
			}
			w.control(w.from.Add(at), w.controls[k])
		}
	}
	if !w.Quiet {
		w.noise()
	}
	if w.Mode == standard && !w.Silent {
		w.talk()
	}
	w.r.log(end.Add(-50*time.Millisecond), "stats", w.r.statistics(end))
}

func (w *Window) readMode(at, read string, when time.Time) {
	if read == "" {
		return
	}
	w.r.log(when, "mode", map[string]any{"window": w.Name, "asked": w.Asked, "read": read, "witness": w.Witness, "at": at})
}

func (w *Window) readApp(end time.Time) {
	if w.Mode == standard || w.Unread {
		return
	}
	for i, at := range [3]time.Time{w.from.Add(100 * time.Millisecond), w.from.Add(w.Length / 2), end.Add(-200 * time.Millisecond)} {
		a := w.App[i]
		if a.PID < 0 {
			continue
		}
		w.r.log(at, "app", map[string]any{"window": w.Name, "pid": a.PID, "awake": a.Awake, "foreground": a.Foreground})
	}
}

// slots are the offsets of the controls: one second after the start, then each
// period, and one second before the end.
func (w *Window) slots() []time.Duration {
	var list []time.Duration
	for at := time.Second; at < w.Length-2*time.Second; at += w.Every {
		list = append(list, at)
	}
	return append(list, w.Length-time.Second)
}

// noise is what the system does whatever the app does: the captive-portal
// probe, the clock and mDNS.
func (w *Window) noise() {
	portal, clock := "192.0.2.80", "192.0.2.123"
	if w.r.ipv6 {
		portal, clock = "2001:db8:b::80", "2001:db8:b::123"
	}
	w.At(15*time.Second).HTTP(ProbeHost, portal, HTTPRequest("GET", ProbeHost, "/generate_204", ""), HTTPResponse("204 No Content", ""))
	w.At(20*time.Second).Resolve("time.android.com", clock).Datagram(netip.MustParseAddr(clock), 123, NTPClient(), NTPServer())
	if w.r.ipv6 {
		w.r.neighbour(w.from.Add(25 * time.Second))
		return
	}
	w.r.arp(w.from.Add(25 * time.Second))
	q := DNSMessage{Name: "_adb._tcp.local", Type: TypePTR}
	src := netip.AddrPortFrom(Device.V4, 5353)
	w.r.packetTTL(w.from.Add(26*time.Second), Device.V4, mdns4, protoUDP, 255, UDP(src, netip.AddrPortFrom(mdns4, 5353), q.Bytes()))
}

// ProbeHost answers Android's captive-portal probe.
const ProbeHost = "connectivitycheck.gstatic.com"

// Names and addresses of the first party, as made up for every recording.
const (
	FirstName  = "flysafe-api.dji.com"
	FirstAddr  = "198.51.100.10"
	FirstAddr6 = "2001:db8:f::10"
)

// talk is the app in standard mode.
func (w *Window) talk() {
	addr := FirstAddr
	if w.r.ipv6 {
		addr = FirstAddr6
	}
	w.At(6*time.Second).TLS(FirstName, addr).Wait(time.Second).Data(900).Close()
}

// control is one slot: a name lookup and up to three pings of the control host.
func (w *Window) control(at time.Time, fault ControlFault) {
	if fault == Skipped {
		return
	}
	w.r.slot++
	target, from, proto := controls[0], Device.V4, "icmp"
	if w.r.ipv6 {
		target, from, proto = controls[1], Device.V6, "ipv6-icmp"
	}
	name := fmt.Sprintf("c%04d.control.test", w.r.slot)
	if fault != BothUnseen {
		Moment{r: w.r, at: at, host: Device}.Resolve(name, target.String())
	}
	at = at.Add(100 * time.Millisecond)
	for try := 1; try <= 3; try++ {
		answered := fault != Unanswered && (fault != SecondTry || try == 2)
		seen := answered && fault != AnswerUnseen && fault != BothUnseen
		asked := fault != AskUnseen && fault != BothUnseen
		id := 0x4000 + uint16(w.r.slot)
		w.r.echo(at, Device, target, id, uint16(try), asked, seen)
		done := at.Add(25 * time.Millisecond)
		if !answered {
			done = at.Add(time.Second)
		}
		flow := map[string]any{"proto": proto, "orig": end{from.String(), 0}, "resp": end{target.String(), 0}, "icmp_id": id, "icmp_seq": try}
		w.r.log(done, "control", map[string]any{"window": w.Name, "try": try, "flow": flow, "name": name, "answered": answered, "by": w.By})
		if answered {
			return
		}
		at = done.Add(10 * time.Millisecond)
	}
}

// request is a control by HTTP, answered at the first try.
func (w *Window) request(at time.Time) {
	w.r.slot++
	name, target := fmt.Sprintf("c%04d.control.test", w.r.slot), controls[0].String()
	t := Moment{r: w.r, at: at, host: Device}.HTTP(name, target, HTTPRequest("GET", name, "/", ""), HTTPResponse("200 OK", "here"))
	flow := map[string]any{"proto": "tcp", "orig": end{t.orig.Addr().String(), t.orig.Port()}, "resp": end{target, t.resp.Port()}}
	w.r.log(t.m.at, "control", map[string]any{"window": w.Name, "try": 1, "flow": flow, "name": name, "answered": true, "by": w.By})
}

type end struct {
	Addr string `json:"addr"`
	Port uint16 `json:"port"`
}

func (w *Window) span() span {
	return span{Name: w.Name, Mode: w.Mode, From: w.from.Add(-w.Early).Format(time.RFC3339Nano), To: w.from.Add(w.Length + w.Late).Format(time.RFC3339Nano),
		Guard: w.Guard.Seconds(), Every: w.Every.Seconds(), Stimulus: w.Stimulus, Repeat: w.Repeat, Services: w.Services, to: w.from.Add(w.Length)}
}

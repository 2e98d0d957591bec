package rig

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"
)

// ControlTry is one try of a control: traffic that the rig lets the device
// send, or sends to it, to prove that the sensor sees.
type ControlTry struct {
	Time     int64 // when its answer came or its time was up, ns
	Window   string
	Try      int // from 1
	Flow     ControlFlow
	Name     string // host name that it used; may be empty
	Answered bool   // as the device or the rig reports it
	By       string // "device" or "rig"
}

// ControlFlow names the exact traffic of a try.
type ControlFlow struct {
	Proto      uint8 // IANA
	Orig, Resp netip.AddrPort
	ICMPID     *uint16 // where it is an echo
	ICMPSeq    *uint16
}

// ModeReading is a read-back of the app's mode.
type ModeReading struct {
	Time                         int64
	Window, Asked, Read, Witness string
	At                           string // "entry" or "end"
}

// AppReading is the state of the app's process.
type AppReading struct {
	Time              int64
	Window            string
	PID               *int // nil where the line has none; 0: not running
	Running           bool // without PID: a person saw that it runs, and has not been restarted
	Awake, Foreground bool
	Witness           string // "operator" where it is a person
}

// SocketReading says which user of the device had a socket.
type SocketReading struct {
	Time          int64
	Proto         uint8 // IANA
	Local, Remote netip.AddrPort
	UID           string
}

// RoutesReading lists the interfaces of the device.
type RoutesReading struct {
	Time       int64
	Interfaces []InterfaceRoutes
	Captured   string // the one behind the SPAN port
}

// InterfaceRoutes says whether an interface has a default route.
type InterfaceRoutes struct {
	Name               string
	Up                 bool
	Default4, Default6 bool
}

// StatsReading are counters of the capture since it began.
type StatsReading struct {
	Time                       int64
	Interface                  string
	Received, Dropped, Freezes uint64
	Up                         *bool      // the link is there; nil where the line does not say
	LinkLosses                 uint64     `json:"link_losses"` // times that it went
	LinkLost                   *time.Time `json:"link_lost"`   // when it was last there before it went last
}

// ClockReading compares the clocks of device and capture host.
type ClockReading struct {
	Time            int64
	DeviceMinusHost float64 `json:"device_minus_host_s"` // s
}

// ClockStep says that the host's clock was set while it recorded.
type ClockStep struct {
	Time int64
	By   float64 `json:"by_s"` // s, positive: forward
}

// StimulusRun says that a stimulus is given, or with an error that this failed.
type StimulusRun struct {
	Time                    int64
	Window, Stimulus, Error string
}

// SkippedWindow says that a window of the plan was not recorded.
type SkippedWindow struct {
	Time           int64
	Window, Reason string
}

// Attempt is a try of a control that the device is about to send: what it may
// have sent where the rig was killed before it knew.
type Attempt struct {
	Time   int64
	Name   string // host name that it uses; may be empty
	Port   uint16 // to send from; 0 where it is an echo
	Target netip.AddrPort
}

// ServiceSwitch says that a service was switched.
type ServiceSwitch struct {
	Time                   int64
	Window, Service, State string
}

// Step is one step of the plan. A step with a Mode goes to that mode, and
// thereby leaves every other.
type Step struct {
	Time               int64
	Window, Step, Mode string
}

// CaptureFile is a capture as the recorder left it, digested while it was written.
type CaptureFile struct {
	Name   string   `json:"name"` // base name
	Bytes  int64    `json:"bytes"`
	SHA256 string   `json:"sha256"` // lower-case hex
	Leaves []string `json:"leaves"` // SHA-256 of each LeafBytes bytes
}

// LeafBytes is the length of all leaves of a file but the last.
const LeafBytes = 4 << 20

// add appends the line and its typed view.
func (j *Journal) add(e Entry) error {
	j.Entries = append(j.Entries, e)
	switch e.Kind {
	case KindControl:
		return j.addControl(e)
	case KindMode:
		return view(e, &j.Modes, func(v *ModeReading) { v.Time = e.Time })
	case KindApp:
		return view(e, &j.Apps, func(v *AppReading) { v.Time = e.Time })
	case KindRoutes:
		return view(e, &j.Routes, func(v *RoutesReading) { v.Time = e.Time })
	case KindStats:
		return view(e, &j.Stats, func(v *StatsReading) { v.Time = e.Time })
	case KindClock:
		return view(e, &j.Clocks, func(v *ClockReading) { v.Time = e.Time })
	case KindStimulus:
		return view(e, &j.Stimuli, func(v *StimulusRun) { v.Time = e.Time })
	case KindService:
		return view(e, &j.Services, func(v *ServiceSwitch) { v.Time = e.Time })
	case KindStep:
		return view(e, &j.Steps, func(v *Step) { v.Time = e.Time })
	case KindSocket:
		return j.addSocket(e)
	case KindFiles:
		return j.addFiles(e)
	case KindProving:
		return j.addAttempt(e)
	case KindSkipped:
		return view(e, &j.Skipped, func(v *SkippedWindow) { v.Time = e.Time })
	case KindClockStep:
		return view(e, &j.ClockSteps, func(v *ClockStep) { v.Time = e.Time })
	case KindEnd:
		j.Ended = true
	}
	return nil
}

func (j *Journal) addFiles(e Entry) error {
	var f struct {
		LeafBytes int64         `json:"leaf_bytes"`
		Files     []CaptureFile `json:"files"`
	}
	if err := json.Unmarshal(e.Line, &f); err != nil {
		return plainJSON(err)
	}
	if f.LeafBytes != LeafBytes {
		return fmt.Errorf("leaf_bytes %d is not known here, expected %d", f.LeafBytes, LeafBytes)
	}
	j.Files = append(j.Files, f.Files...)
	return nil
}

// view decodes the line's own keys into a new element of list. The line's
// "time" is text and would not fit the views' Time, so it is taken out first.
func view[T any](e Entry, list *[]T, stamp func(*T)) error {
	keys, err := ownKeys(e.Line)
	if err != nil {
		return err
	}
	var v T
	if err := json.Unmarshal(keys, &v); err != nil {
		return plainJSON(err)
	}
	stamp(&v)
	*list = append(*list, v)
	return nil
}

func ownKeys(line []byte) ([]byte, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return nil, plainJSON(err)
	}
	for _, k := range reserved {
		delete(keys, k)
	}
	return json.Marshal(keys)
}

// reserved keys belong to every line and to no kind.
var reserved = []string{"seq", "time", "mono_ns", "kind", "prev"}

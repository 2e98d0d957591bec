package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
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
	Awake, Foreground bool
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
}

// ClockReading compares the clocks of device and capture host.
type ClockReading struct {
	Time            int64
	DeviceMinusHost float64 `json:"device_minus_host_s"` // s
}

// StimulusRun says that a stimulus was given.
type StimulusRun struct {
	Time             int64
	Window, Stimulus string
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
	case KindEnd:
		j.Ended = true
	}
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

func (j *Journal) addControl(e Entry) error {
	var f struct {
		Window string `json:"window"`
		Try    int    `json:"try"`
		Flow   struct {
			Proto   scalar     `json:"proto"`
			Orig    controlEnd `json:"orig"`
			Resp    controlEnd `json:"resp"`
			ICMPID  *uint16    `json:"icmp_id"`
			ICMPSeq *uint16    `json:"icmp_seq"`
		} `json:"flow"`
		Name     string `json:"name"`
		Answered bool   `json:"answered"`
		By       string `json:"by"`
	}
	if err := json.Unmarshal(e.Line, &f); err != nil {
		return plainJSON(err)
	}
	c := ControlTry{Time: e.Time, Window: f.Window, Try: f.Try, Answered: f.Answered, By: f.By,
		Name: strings.ToLower(strings.TrimSuffix(f.Name, "."))}
	c.Flow.ICMPID, c.Flow.ICMPSeq = f.Flow.ICMPID, f.Flow.ICMPSeq
	var err error
	if c.Flow.Proto, err = parseProto(string(f.Flow.Proto)); err != nil {
		return err
	}
	if c.Flow.Orig, err = f.Flow.Orig.parse(); err != nil {
		return fmt.Errorf("flow.orig: %w", err)
	}
	if c.Flow.Resp, err = f.Flow.Resp.parse(); err != nil {
		return fmt.Errorf("flow.resp: %w", err)
	}
	j.Controls = append(j.Controls, c)
	return nil
}

type controlEnd struct {
	Addr string `json:"addr"`
	Port uint16 `json:"port"`
}

func (e controlEnd) parse() (netip.AddrPort, error) {
	a, err := parseAddr(e.Addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q: %w", e.Addr, err)
	}
	return netip.AddrPortFrom(a, e.Port), nil
}

// protocols of controls by their IANA names, and the short form that ping uses.
var protocols = map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58}

func parseProto(s string) (uint8, error) {
	if n, ok := protocols[strings.ToLower(s)]; ok {
		return n, nil
	}
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		return 0, errors.New("flow.proto: expected icmp, ipv6-icmp, tcp, udp or a protocol number")
	}
	return uint8(n), nil
}

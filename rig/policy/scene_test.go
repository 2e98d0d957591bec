package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// Addresses of the scenes.
const (
	deviceAddr  = "10.0.0.10"
	routerAddr  = "10.0.0.1"
	firstAddr   = "198.51.100.10"
	thirdAddr   = "203.0.113.20"
	controlAddr = "192.0.2.200"
	noAddr      = "203.0.113.99" // that nothing names
)

var (
	deviceMAC = captures.MAC{2, 0, 0x5e, 0, 0, 0x10}
	otherMAC  = captures.MAC{2, 0, 0x5e, 0, 0, 0x77}
	routerMAC = captures.MAC{2, 0, 0x5e, 0, 0, 1}
	epoch     = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
)

// at is seconds after the beginning of a scene, ns.
func at(s float64) int64 { return epoch.UnixNano() + int64(s*1e9) }

// scene is a recording in which everything is as it should be, until a test
// changes it: standard from 0 to 60 s, the window under test from 70 to 130 s
// with a guard of 10 s, standard from 140 to 200 s. The facts are made from a
// script of packets, without frames.
type scene struct {
	t       testing.TB
	policy  Policy
	rec     rig.Recording
	set     fact.Set
	o       Options
	talks   []*talk
	marks   []mark // of what is no packet of a talk
	control uint16
}

// mark is something that needs the number of its frame.
type mark struct {
	at  int64
	set func(dissect.Mark)
}

// talk is a flow in the making.
type talk struct {
	fact.Fact
	events []event
}

// event is one packet: open, data, alert, fin, rst, ack, keepalive, reply (an echo).
type event struct {
	at   int64
	dir  captures.Dir
	kind string
	seq  uint16
	mark dissect.Mark
}

func newScene(t testing.TB, mode string) *scene {
	s := &scene{t: t, policy: testPolicy()}
	s.rec = rig.Recording{Name: "scene", SHA256: "00", Files: []string{"capture.pcapng"}, Journal: &rig.Journal{Ended: true}, Inventory: rig.Inventory{
		Device:    rig.Device{Model: "RC", Serial: "SN12345678", Firmware: "1", MACs: []captures.MAC{deviceMAC}},
		LAN:       []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
		Resolvers: []netip.Addr{netip.MustParseAddr(routerAddr)},
		Vantage:   "US",
	}}
	for _, second := range []float64{0, 205} {
		s.rec.Journal.Routes = append(s.rec.Journal.Routes, rig.RoutesReading{Time: at(second), Captured: "wlan0",
			Interfaces: []rig.InterfaceRoutes{{Name: "lo", Default4: true}, {Name: "wlan0", Up: true, Default4: true}}})
		s.rec.Journal.Stats = append(s.rec.Journal.Stats, rig.StatsReading{Time: at(second), Interface: "span0", Received: 1})
	}
	s.rec.Journal.Entries = []rig.Entry{{Seq: 1, Time: at(206), Kind: rig.KindEnd}}
	s.window("standard/before", rig.ModeStandard, 0, 60)
	s.window(mode+"/idle", mode, 70, 130)
	s.window("standard/after", rig.ModeStandard, 140, 200)
	s.told(5, "api.maker.test", firstAddr)
	s.tcp(6, firstAddr, 443).tls("api.maker.test").close(9)
	s.tcp(146, firstAddr, 443).tls("api.maker.test").close(149)
	return s
}

// window appends a window with its readings and controls.
func (s *scene) window(name, mode string, from, to float64) *rig.Window {
	w := rig.Window{Name: name, Mode: mode, From: at(from), To: at(to), Guard: 10 * time.Second, ControlEvery: 10 * time.Second, Stimulus: "idle"}
	s.rec.Windows = append(s.rec.Windows, w)
	j := s.rec.Journal
	j.Modes = append(j.Modes, rig.ModeReading{Time: at(from), Window: name, Asked: mode, Read: mode, Witness: "screen", At: "entry"},
		rig.ModeReading{Time: at(to - 0.1), Window: name, Asked: mode, Read: mode, Witness: "screen", At: "end"})
	if mode != rig.ModeStandard {
		for _, second := range []float64{from + 1, (from + to) / 2, to - 1} {
			pid := 42
			j.Apps = append(j.Apps, rig.AppReading{Time: at(second), Window: name, PID: &pid, Awake: true, Foreground: true})
		}
	}
	for second := from + 1; second < to; second += 10 {
		s.ping(name, second, true, true)
	}
	s.ping(name, to-1, true, true)
	return &s.rec.Windows[len(s.rec.Windows)-1]
}

// tested is the window under test.
func (s *scene) tested() *rig.Window { return &s.rec.Windows[1] }

// ping is a control: a line of the journal, and an echo in the capture.
func (s *scene) ping(window string, second float64, answered, seen bool) *rig.ControlTry {
	s.control++
	id, seq := s.control, uint16(1)
	device, target := netip.MustParseAddr(deviceAddr), netip.MustParseAddr(controlAddr)
	s.rec.Journal.Controls = append(s.rec.Journal.Controls, rig.ControlTry{Time: at(second + 0.02), Window: window, Try: 1, Answered: answered, By: "device", Name: "c.control.test",
		Flow: rig.ControlFlow{Proto: packet.ICMP, Orig: netip.AddrPortFrom(device, 0), Resp: netip.AddrPortFrom(target, 0), ICMPID: &id, ICMPSeq: &seq}})
	t := s.talk(packet.ICMP, controlAddr, 0)
	t.EchoID = id
	t.add(second, captures.Orig, "open")
	t.events[0].seq = seq
	if seen {
		t.add(second+0.01, captures.Resp, "reply")
		t.events[1].seq = seq
	}
	return &s.rec.Journal.Controls[len(s.rec.Journal.Controls)-1]
}

func (s *scene) talk(proto uint8, peer string, port uint16) *talk {
	t := &talk{Fact: fact.Fact{Flow: &flow.Flow{
		Proto: proto, Orig: flow.Endpoint{Addr: netip.MustParseAddr(deviceAddr), Port: 40000 + uint16(len(s.talks))},
		Resp: flow.Endpoint{Addr: netip.MustParseAddr(peer), Port: port}, MAC: [2]captures.MAC{deviceMAC, routerMAC}, State: flow.S1,
	}}}
	if port == 0 {
		t.Orig.Port = 0
	}
	s.talks = append(s.talks, t)
	return t
}

// tcp is a connection that is set up at a time, and says nothing yet.
func (s *scene) tcp(second float64, peer string, port uint16) *talk {
	return s.talk(packet.TCP, peer, port).add(second, captures.Orig, "open").add(second+0.01, captures.Resp, "ack")
}

// udp is one datagram each way.
func (s *scene) udp(second float64, peer string, port uint16) *talk {
	return s.talk(packet.UDP, peer, port).add(second, captures.Orig, "open").add(second, captures.Orig, "data").add(second+0.01, captures.Resp, "data").form(fact.Unknown)
}

func (t *talk) add(second float64, dir captures.Dir, kind string) *talk {
	t.events = append(t.events, event{at: at(second), dir: dir, kind: kind})
	return t
}

func (t *talk) form(f fact.Form) *talk {
	t.Form = f
	return t
}

func (t *talk) last() float64 {
	return float64(t.events[len(t.events)-1].at-epoch.UnixNano()) / 1e9
}

// tls adds a sound TLS 1.3 handshake and data both ways.
func (t *talk) tls(sni string) *talk {
	t.App.Protocol, t.Form = dissect.TLSProtocol, fact.Encrypted
	t.App.TLS = &dissect.TLS{Hello: true, ServerHello: true, Version: 0x0304, Cipher: 0x1301, SNI: sni, AppData: [2]uint64{1, 1}}
	if sni != "" {
		t.Names = append(t.Names, fact.Name{Name: sni, Source: fact.FromSNI})
	}
	now := t.last()
	return t.add(now+0.1, captures.Orig, "data").add(now+0.2, captures.Resp, "data")
}

func (t *talk) close(second float64) *talk {
	t.State = flow.SF
	return t.add(second, captures.Orig, "fin").add(second+0.01, captures.Resp, "fin")
}

// clear makes the flow one of a cleartext protocol with the two streams.
func (t *talk) clear(p dissect.Protocol, orig, resp string) *talk {
	t.App.Protocol, t.Form = p, fact.Cleartext
	now := t.last()
	for dir, text := range [2]string{orig, resp} {
		t.Streams[dir] = &flow.Stream{Data: []byte(text), Marks: []flow.StreamMark{{Offset: 0}}}
		t.add(now+0.1, captures.Dir(dir), "data")
	}
	return t
}

func (t *talk) named(source fact.NameSource, names ...string) *talk {
	for _, n := range names {
		t.Names = append(t.Names, fact.Name{Name: n, Source: source})
	}
	return t
}

// told is a question of the device and its answer: names, then the address;
// several names are a chain of CNAMEs.
func (s *scene) told(second float64, names ...string) {
	s.asks(second-0.01, names[0], routerAddr)
	s.answer(second, names...)
}

// answer is told without the question.
func (s *scene) answer(second float64, names ...string) {
	addr := netip.MustParseAddr(names[len(names)-1])
	s.marks = append(s.marks, mark{at(second), func(m dissect.Mark) {
		for _, name := range names[:len(names)-1] {
			s.set.Answers = append(s.set.Answers, fact.Answer{Client: netip.MustParseAddr(deviceAddr), MAC: deviceMAC, Name: name, Addr: addr, At: m})
		}
	}})
}

// asks is a DNS query of the device.
func (s *scene) asks(second float64, name, resolver string) *talk {
	t := s.udp(second, resolver, 53).form(fact.Cleartext)
	t.App.Protocol = dissect.DNSProtocol
	t.App.DNS = &dissect.DNS{Queries: []string{name}}
	s.asksOn(t, second, name)
	return t
}

func (s *scene) asksOn(t *talk, second float64, name string) {
	s.marks = append(s.marks, mark{at(second), func(m dissect.Mark) {
		s.set.Questions = append(s.set.Questions, fact.Question{Name: name, Type: 1, Flow: t.ID, Protocol: dissect.DNSProtocol, Client: t.Orig, Server: t.Resp, MAC: t.MAC[captures.Orig], At: m})
	}})
}

// judge numbers the frames, tallies the flows and evaluates.
func (s *scene) judge() *Report {
	s.t.Helper()
	r, err := s.evaluate()
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *scene) evaluate() (*Report, error) {
	s.number()
	cuts := Cuts(&s.rec, s.o)
	for _, t := range s.talks {
		t.assemble(cuts)
		s.set.Facts = append(s.set.Facts, t.Fact)
	}
	slices.SortStableFunc(s.set.Facts, func(a, b fact.Fact) int { return int(a.Last) - int(b.Last) })
	return Evaluate(&s.policy, &s.rec, &s.set, s.o)
}

// number gives every event its frame, in order of time.
func (s *scene) number() {
	var all []mark
	for _, t := range s.talks {
		for i := range t.events {
			e := &t.events[i]
			all = append(all, mark{e.at, func(m dissect.Mark) {
				e.mark = m
				if t.ID == 0 {
					t.ID = m.Frame
				}
			}})
		}
	}
	all = append(all, s.marks...) // a question comes after the packet that carries it
	slices.SortStableFunc(all, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	for i, m := range all {
		m.set(dissect.Mark{Frame: captures.FrameID(i + 1), Time: m.at})
	}
	if len(all) > 0 {
		s.set.Summary.First, s.set.Summary.Last = all[0].at, all[len(all)-1].at
	}
}

// assemble does what captures/flow does, from events.
func (t *talk) assemble(cuts []int64) {
	for _, e := range t.events {
		t.Last, t.End = e.mark.Frame, e.at
		if t.Start == 0 {
			t.Start = e.at
		}
		t.Packets[e.dir]++
		segment, _ := slices.BinarySearch(cuts, e.at+1)
		k := slices.IndexFunc(t.Tallies, func(x flow.Tally) bool { return x.Segment == segment })
		if k < 0 {
			k = len(t.Tallies)
			t.Tallies = append(t.Tallies, flow.Tally{Segment: segment})
		}
		t.count(&t.Tallies[k].Sides[e.dir], e)
	}
}

func (t *talk) count(side *flow.Side, e event) {
	side.Packets++
	switch e.kind {
	case "open":
		side.Openings++
		if side.FirstOpening.Frame == 0 {
			side.FirstOpening = e.mark
		}
	case "data", "alert":
		side.ClosingAlert = e.kind == "alert" && side.Payloads == 0
		side.Payloads++
		side.LastPayload = e.mark
		if side.FirstPayload.Frame == 0 {
			side.FirstPayload = e.mark
		}
		t.Payload[e.dir] += 24
		side.Closed = slices.ContainsFunc(t.events, func(x event) bool { return x.dir == e.dir && x.at >= e.at && (x.kind == "fin" || x.kind == "rst") })
	case "fin":
		side.Fins++
	case "rst":
		side.Resets++
	case "keepalive":
		side.Keepalives++
	}
	if (e.kind == "open" || e.kind == "data" || e.kind == "alert") && len(side.Frames) < flow.MaxFrames {
		side.Frames = append(side.Frames, e.mark.Frame)
	}
	if t.Proto == packet.ICMP {
		t.Echoes = append(t.Echoes, flow.Echo{Mark: e.mark, Dir: e.dir, Reply: e.kind == "reply", Seq: e.seq})
	}
}

// testPolicy has one entry of every kind.
func testPolicy() Policy {
	p := Policy{Name: "test", SHA256: "11", Countries: []string{"US"}, Operators: []string{"Example Cloud"}, ASNs: []uint32{64500},
		Parties: []party.Entry{
			{Party: party.First, Domain: "maker.test"},
			{Party: party.First, Domain: "maps.maker.test", Services: []string{"maps"}},
			{Party: party.First, Domain: "shared.maker.test", Services: []string{"account", "maps"}},
			{Party: party.First, Prefix: netip.MustParsePrefix("198.51.100.240/28")},
			{Party: party.Provider, Domain: "provider.test", Services: []string{"account"}},
			{Party: party.Operator, Domain: "lab.test"},
			{Party: party.System, Domain: "system.test"},
			{Party: party.System, Prefix: netip.MustParsePrefix("203.0.113.128/28")},
		},
		Services:   []Service{{ID: "account"}, {ID: "maps"}},
		Resolvers:  []party.Entry{{Party: party.Third, Domain: "doh.test"}},
		Exceptions: Exceptions{DNS: true, NTP: true, HTTP: []HTTPException{{Method: "GET", Host: "probe.system.test", Path: "/204"}}},
		Secrets:    []Pattern{{ID: "cookie", What: "cookie", Regexp: regexp.MustCompile(`(?i)\r\nCookie: `)}},
	}
	for _, id := range knownClaims() {
		p.Claims = append(p.Claims, Claim{ID: id})
	}
	return p
}

// cell is "CLAIM WINDOW" in the table of a report.
func cells(r *Report) map[string]Verdict {
	m := map[string]Verdict{}
	for _, v := range r.Verdicts {
		m[v.Claim+" "+v.Window] = v
	}
	return m
}

// expect holds a report against lines "CLAIM RESULT [part of the sentence]"
// of the window; what no line names has to pass.
func expect(t *testing.T, r *Report, window string, lines ...string) {
	t.Helper()
	want := map[string][]string{}
	for _, l := range lines {
		claim, rest, _ := strings.Cut(l, " ")
		result, part, _ := strings.Cut(rest, " ")
		want[claim] = []string{result, part}
	}
	for _, v := range r.Verdicts {
		if v.Window != window {
			continue
		}
		w, ok := want[v.Claim]
		delete(want, v.Claim)
		if !ok {
			w = []string{string(Pass), ""}
		}
		if string(v.Result) != w[0] || !strings.Contains(v.Because, w[1]) {
			t.Errorf("%s: %s %q, want %s %q", v.Claim, v.Result, v.Because, w[0], w[1])
		}
		if v.Because == "" || v.Evidence == nil || strings.Contains(v.Because, "~") || strings.Contains(v.Because, "\n") {
			t.Errorf("%s: sentence %q, evidence %v", v.Claim, v.Because, v.Evidence)
		}
		if ok && v.Result == Fail && v.Claim[0] != 'M' && (len(v.Evidence) == 0 || len(v.Evidence[0].Frames) == 0) {
			t.Errorf("%s fails without evidence", v.Claim)
		}
	}
	for claim, w := range want {
		if w[0] != "none" {
			t.Errorf("%s has no verdict in %s, want %s", claim, window, w[0])
		}
	}
	if t.Failed() {
		t.Log(fmt.Sprintf("%d verdicts, not judged %v", len(r.Verdicts), r.NotJudged))
	}
}

// unfit are the claims of a mode that pass only by absence in a fit capture.
func unfit(mode string) []string {
	list := []string{"TLS-1 inconclusive not proven", "TLS-2 inconclusive not proven"}
	if mode == rig.ModeLocalData {
		for _, id := range []string{"LDM-1", "LDM-2", "LDM-3", "LDM-4"} {
			list = append(list, id+" inconclusive not proven")
		}
		return list
	}
	return append(list, "RNM-1 inconclusive not proven")
}

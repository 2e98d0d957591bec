package policy

import (
	"cmp"
	"net/netip"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
)

// sceneCase is one change of the clean scene and the cells that it changes.
type sceneCase struct {
	name   string
	script func(s *scene)
	want   []string
}

func runScenes(t *testing.T, mode string, cases []sceneCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, mode)
			c.script(s)
			expect(t, s.judge(), mode+"/idle", c.want...)
		})
	}
}

const (
	ldm1, ldm2, ldm3, ldm4 = "LDM-1 fail", "LDM-2 fail", "LDM-3 fail", "LDM-4 fail"
	nameless               = "LDM-2 inconclusive without a name"
	opaque                 = "TLS-1 inconclusive unknown protocol"
)

func TestLDM1(t *testing.T) {
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"clean", func(*scene) {}, nil},
		{"tls", func(s *scene) { s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101) },
			[]string{ldm1 + " 1 flow to first-party endpoints: api.maker.test (198.51.100.10:443, tls) at 30.0 s; the screen says local data mode (MODE-1 passes) and the wire does not", ldm2}},
		{"two flows", func(s *scene) {
			s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101)
			s.tcp(110, "198.51.100.11", 443).tls("log.maker.test").close(111)
		}, []string{ldm1 + " 2 flows to first-party endpoints: api.maker.test (198.51.100.10:443, tls) at 30.0 s, log.maker.test (198.51.100.11:443, tls) at 40.0 s", ldm2}},
		{"one SYN", func(s *scene) { s.talk(packet.TCP, firstAddr, 443).add(100, captures.Orig, "open").State = flow.S0 }, []string{ldm1, ldm2}},
		{"raw UDP to a named address", func(s *scene) { s.udp(100, firstAddr, 9000) }, []string{ldm1, ldm2, opaque}},
		{"ping", func(s *scene) { s.talk(packet.ICMP, firstAddr, 0).add(100, captures.Orig, "open").EchoID = 999 }, []string{ldm1, ldm2}},
		{"address on the list", func(s *scene) { s.udp(100, "198.51.100.241", 9000) }, []string{ldm1, ldm2, opaque}},
		{"in the guard", func(s *scene) { s.tcp(72, firstAddr, 443).tls("api.maker.test").close(73) }, []string{ldm1, ldm2}},
		{"in the last moment", func(s *scene) { s.tcp(129.5, firstAddr, 443).tls("api.maker.test").close(129.9) }, []string{ldm1, ldm2}},
		{"at the end exactly", func(s *scene) { s.tcp(130, firstAddr, 443).tls("api.maker.test").close(131) }, nil},
		{"before the read-back", func(s *scene) { s.tcp(69, firstAddr, 443).tls("api.maker.test").close(69.5) }, nil},
		{"inbound, answered", func(s *scene) {
			f := s.talk(packet.TCP, firstAddr, 443).add(100, captures.Resp, "open").add(100.1, captures.Orig, "data").form(fact.Unknown)
			f.Orig, f.Resp, f.MAC = f.Resp, f.Orig, [2]captures.MAC{routerMAC, deviceMAC}
			f.events[0].dir, f.events[1].dir = captures.Orig, captures.Resp
		}, []string{ldm1, ldm2, opaque}},
		{"inbound, reset", func(s *scene) {
			f := s.talk(packet.TCP, firstAddr, 443).add(100, captures.Orig, "open").add(100.1, captures.Resp, "rst")
			f.Orig, f.Resp, f.MAC = f.Resp, f.Orig, [2]captures.MAC{routerMAC, deviceMAC}
		}, nil},
		{"ICMP error with the late packet inside", func(s *scene) {
			s.talk(packet.ICMP, firstAddr, 0).add(100, captures.Orig, "data").ICMPType = 3
		}, nil},
		{"another host", func(s *scene) {
			f := s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101)
			f.Orig.Addr, f.MAC[0] = netip.MustParseAddr("10.0.0.77"), otherMAC
		}, nil},
		{"an address that ARP ties to the device", func(s *scene) {
			f := s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101)
			f.Orig.Addr, f.MAC[0] = netip.MustParseAddr("10.0.0.11"), otherMAC
			s.set.Bindings = []packet.Binding{{MAC: deviceMAC, Addr: f.Orig.Addr}}
		}, []string{ldm1, ldm2}},
		{"on a LAN address", func(s *scene) { s.tcp(100, "10.0.0.99", 443).tls("api.maker.test").close(101) }, []string{ldm1, ldm2}},
	})
}

func TestNames(t *testing.T) {
	ambiguous := []string{"LDM-1 inconclusive may be the first party's", "LDM-2 fail ambiguous"}
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"host header", func(s *scene) {
			s.tcp(100, thirdAddr, 80).clear(dissect.HTTPProtocol, "GET", "200").named(fact.FromHost, "www.maker.test").close(101)
		}, []string{ldm1, ldm2, "TLS-1 fail in the clear"}},
		{"proxy target on the LAN", func(s *scene) {
			s.tcp(100, "10.0.0.98", 3128).tls("").named(fact.FromTarget, "api.maker.test").close(101)
		}, []string{ldm1, ldm2}},
		{"certificate", func(s *scene) {
			s.tcp(100, thirdAddr, 443).tls("").named(fact.FromCert, "*.maker.test", "maker.test").close(101)
		}, []string{ldm1, ldm2}},
		{"certificate of several", func(s *scene) {
			s.tcp(100, thirdAddr, 443).tls("").named(fact.FromCert, "maker.test", "shop.test").close(101)
		}, ambiguous},
		{"lookalike", func(s *scene) { s.tcp(100, thirdAddr, 443).tls("notmaker.test").close(101) }, []string{ldm2}},
		{"CNAME", func(s *scene) {
			s.told(50, "cdn.maker.test", "edge.third.test", thirdAddr)
			s.tcp(100, thirdAddr, 443).tls("").close(101)
		}, []string{ldm1, ldm2}},
		{"CNAME, asked again with a new edge", func(s *scene) {
			s.told(50, "cdn.maker.test", "edge1.third.test", thirdAddr)
			s.answer(51, "edge2.third.test", thirdAddr)
			s.tcp(100, thirdAddr, 443).tls("").close(101)
		}, []string{ldm1, ldm2}},
		{"shared address without a name", func(s *scene) {
			s.told(50, "cdn.maker.test", thirdAddr)
			s.told(51, "cdn.system.test", thirdAddr)
			s.tcp(100, thirdAddr, 443).tls("").close(101)
		}, ambiguous},
		{"shared address, the system's SNI", func(s *scene) {
			s.told(50, "cdn.maker.test", thirdAddr)
			s.told(51, "cdn.system.test", thirdAddr)
			s.tcp(100, thirdAddr, 443).tls("cdn.system.test").close(101)
		}, nil},
		{"SNI that DNS contradicts", func(s *scene) { s.tcp(100, firstAddr, 443).tls("cdn.system.test").close(101) }, ambiguous},
		{"DNS after the flow names nothing", func(s *scene) {
			s.told(125, "cdn.system.test", thirdAddr)
			s.tcp(100, thirdAddr, 443).tls("").close(101)
		}, []string{nameless}},
		{"ECH hides the outer name", func(s *scene) {
			s.tcp(100, firstAddr, 443).tls("cdn.system.test").close(101).App.TLS.ECH = true
		}, []string{ldm1, ldm2}},
		{"ECH to a nameless address", func(s *scene) {
			s.tcp(100, noAddr, 443).tls("cdn.system.test").close(101).App.TLS.ECH = true
		}, []string{nameless}},
		{"ECH with a first-party outer name", func(s *scene) {
			s.tcp(100, noAddr, 443).tls("api.maker.test").close(101).App.TLS.ECH = true
		}, ambiguous},
		{"GREASE", func(s *scene) {
			s.told(99, "cdn.system.test", thirdAddr)
			s.tcp(100, thirdAddr, 443).tls("cdn.system.test").close(101).App.TLS.ECH = true
		}, nil},
	})
}

func TestLDM2(t *testing.T) {
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"third party", func(s *scene) { s.tcp(100, thirdAddr, 443).tls("ads.third.test").close(101) },
			[]string{ldm2 + " 1 flow beyond the LAN to third-party endpoints: ads.third.test (203.0.113.20:443, tls) at 30.0 s (LAN as the bench says: 10.0.0.0/24)"}},
		{"provider", func(s *scene) { s.tcp(100, thirdAddr, 443).tls("x.provider.test").close(101) }, []string{ldm2 + " 1 flow beyond the LAN to provider"}},
		{"operator", func(s *scene) { s.tcp(100, thirdAddr, 443).tls("x.lab.test").close(101) }, []string{ldm2 + " 1 flow beyond the LAN to operator"}},
		{"nameless", func(s *scene) { s.udp(100, noAddr, 9999) }, []string{nameless, opaque}},
		{"system by name", func(s *scene) { s.tcp(100, thirdAddr, 443).tls("time.system.test").close(101) }, nil},
		{"system by address", func(s *scene) { s.udp(100, "203.0.113.130", 9999) }, []string{opaque}},
		{"LAN", func(s *scene) { s.udp(100, "10.0.0.77", 9999) }, nil},
		{"beyond the LAN of the bench, though private", func(s *scene) { s.udp(100, "10.9.0.77", 9999) }, []string{nameless, opaque}},
		{"link-local, broadcast and local groups", func(s *scene) {
			for _, a := range []string{"169.254.1.1", "255.255.255.255", "10.0.0.255", "224.0.0.251", "239.255.255.250", "fe80::1", "ff02::fb", "ff08::1"} {
				s.udp(100, a, 9999)
			}
		}, nil},
		{"global groups", func(s *scene) { s.udp(100, "ff0e::1", 9999); s.udp(101, "224.0.1.1", 9999) }, []string{"LDM-2 inconclusive 2 flows", opaque}},
		{"a control of which the rig never heard", attempt(61000, "c2.control.test"), nil},
		{"its like from another port", attempt(61001, "c2.control.test"), []string{nameless}},
		{"its like with another name", func(s *scene) {
			attempt(61000, "c2.control.test")(s)
			s.talks[len(s.talks)-1].named(fact.FromHost, "x.third.test")
		}, []string{ldm2}},
		{"a ping like a control, with another id", func(s *scene) { s.talk(packet.ICMP, controlAddr, 0).add(100, captures.Orig, "open").EchoID = 999 },
			[]string{nameless}},
	})
}

// attempt is a control that was under way when the rig was killed; the journal
// has port 61000.
func attempt(port uint16, name string) func(s *scene) {
	return func(s *scene) {
		target := netip.MustParseAddr(noAddr)
		s.rec.Journal.Proving = []rig.Attempt{{Time: at(100), Name: name, Port: 61000, Target: netip.AddrPortFrom(target, 7)}}
		s.asks(100, name, routerAddr)
		s.tcp(100, noAddr, 7).Orig.Port = port
	}
}

func TestBaselineExplains(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.o.Baseline = &Baseline{Schema: 1, Device: BaselineDevice{"RC", "1"}, Destinations: []BaselineEntry{{Name: "ota.third.test"}, {Addr: netip.MustParseAddr(noAddr)}}}
	s.tcp(100, thirdAddr, 443).tls("ota.third.test").close(101)
	s.tcp(102, noAddr, 443).tls("").close(103)
	s.tcp(104, "203.0.113.21", 443).tls("time.system.test").close(105)
	s.asks(106, "ota.third.test", routerAddr)
	r := s.judge()
	expect(t, r, "ldm/idle")
	listed := map[string]bool{}
	for _, l := range r.Listed {
		listed[l.What+": "+l.Endpoint] = true
	}
	for _, want := range []string{"system noise by the baseline: ota.third.test (203.0.113.20:443, tls)", "system noise by the policy's list: time.system.test (203.0.113.21:443, tls)"} {
		if !listed[want] {
			t.Errorf("not listed: %s in %v", want, r.Listed)
		}
	}
}

func TestLDM3(t *testing.T) {
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"first party", func(s *scene) { s.asks(100, "api.maker.test", routerAddr); s.asks(101, "api.maker.test", routerAddr) },
			[]string{ldm3 + " 1 DNS query for first-party names: api.maker.test at 30.0 s"}},
		{"third party and first", func(s *scene) { s.asks(100, "a.third.test", routerAddr); s.asks(101, "api.maker.test", routerAddr) }, []string{ldm3 + " 1 DNS query for first-party names"}},
		{"illegible", func(s *scene) { s.asks(100, "<Unknown extended label>", routerAddr) }, []string{"LDM-3 inconclusive whose name cannot be read"}},
		{"before the read-back", func(s *scene) { s.asks(69, "api.maker.test", routerAddr) }, nil},
		{"at the end exactly", func(s *scene) { s.asks(130, "api.maker.test", routerAddr) }, nil},
		{"in the guard", func(s *scene) { s.asks(71, "api.maker.test", routerAddr) }, []string{ldm3}},
		{"in the guard, on a flow from before", func(s *scene) {
			f := s.asks(69, "x.system.test", routerAddr)
			f.add(72, captures.Orig, "data")
			s.asksOn(f, 72, "api.maker.test")
		}, nil},
		{"system", func(s *scene) { s.asks(100, "time.system.test", routerAddr) }, nil},
		{"control name", func(s *scene) { s.asks(100, "c.control.test", routerAddr) }, nil},
		{"local names", func(s *scene) {
			for _, n := range []string{"", "printer", "a.local", "nas.lan", "x.home.arpa", "7.0.0.10.in-addr.arpa", "lb._dns-sd._udp.0.0.0.10.in-addr.arpa",
				"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa"} {
				s.asks(100, n, routerAddr)
			}
		}, nil},
		{"PTR beyond the LAN", func(s *scene) { s.asks(100, "20.113.0.203.in-addr.arpa", routerAddr) }, []string{ldm3}},
		{"announced suffix", func(s *scene) {
			s.set.Leases = []fact.Lease{{DHCPLease: dissect.DHCPLease{Search: []string{"lab.example"}}}}
			s.asks(100, "time.system.test.lab.example", routerAddr)
			s.asks(101, "printer.lab.example", routerAddr)
			s.asks(102, "c.control.test.lab.example", routerAddr)
		}, nil},
		{"suffix that nobody announced", func(s *scene) { s.asks(100, "time.system.test.lab.example", routerAddr) }, []string{ldm3}},
		{"announced suffix hides no first-party name", func(s *scene) {
			s.set.Leases = []fact.Lease{{DHCPLease: dissect.DHCPLease{Search: []string{"maker.test", "lab.example"}}}}
			s.asks(100, "api.maker.test", routerAddr)
			s.asks(101, "log.maker.test.lab.example", routerAddr)
		}, []string{ldm3 + " 2 DNS queries for first-party names: api.maker.test at 30.0 s, log.maker.test at 31.0 s"}},
		{"DoT with data", func(s *scene) { s.tcp(100, "10.0.0.1", 853).tls("").close(101) }, []string{"LDM-3 inconclusive 1 flow with application data to encrypted resolvers"}},
		{"DoT by its protocol name", func(s *scene) { s.tcp(100, "10.0.0.1", 8853).tls("").close(101).App.TLS.ALPN = []string{"dot"} }, []string{"LDM-3 inconclusive encrypted resolvers"}},
		{"old DoT connection, closing", func(s *scene) { s.tcp(40, "10.0.0.1", 853).tls("").close(101) }, nil},
		{"DoT refused", func(s *scene) { s.tcp(100, "10.0.0.1", 853).add(100.1, captures.Resp, "rst") }, nil},
		{"DoT handshake without data", func(s *scene) {
			s.tcp(100, "10.0.0.1", 853).tls("").close(101).App.TLS.AppData = [2]uint64{}
		}, nil},
		{"known DoH resolver", func(s *scene) { s.tcp(100, thirdAddr, 443).tls("doh.test").close(101) }, []string{ldm2, "LDM-3 inconclusive encrypted resolvers"}},
		{"mDNS and another host", func(s *scene) {
			s.asks(100, "api.maker.test", routerAddr)
			s.asks(101, "api.maker.test", routerAddr).MAC[0] = otherMAC
			s.talks[len(s.talks)-1].Orig.Addr = netip.MustParseAddr("10.0.0.77")
			keep := s.marks
			s.marks = append(keep, mark{at(129), func(dissect.Mark) { s.set.Questions[len(s.set.Questions)-2].Protocol = dissect.MDNSProtocol }})
		}, nil},
	})
}

func TestLDM4(t *testing.T) {
	old := func(s *scene) *talk { return s.tcp(40, firstAddr, 443).tls("api.maker.test") }
	open := "LDM-4 inconclusive still open and silent"
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"payload", func(s *scene) { old(s).add(100, captures.Orig, "data").close(101) }, []string{ldm4 + " 1 flow from before the mode change with payload of the device after the guard: api.maker.test (198.51.100.10:443, tls) at 30.0 s"}},
		{"payload in the guard", func(s *scene) { old(s).add(75, captures.Orig, "data").close(76) }, nil},
		{"payload of the peer", func(s *scene) { old(s).add(100, captures.Resp, "data").close(101) }, nil},
		{"silent and open", func(s *scene) { old(s) }, []string{open}},
		{"keepalives", func(s *scene) { old(s).add(100, captures.Orig, "keepalive") }, []string{open}},
		{"closed by the peer alone", func(s *scene) { old(s).add(100, captures.Resp, "fin") }, []string{open}},
		{"reset by the peer", func(s *scene) { old(s).add(100, captures.Resp, "rst") }, nil},
		{"closed before", func(s *scene) { old(s).close(50) }, nil},
		{"closed after the window", func(s *scene) { old(s).close(135) }, []string{open}},
		{"alert, then FIN", func(s *scene) { old(s).add(100, captures.Orig, "alert").close(101) }, nil},
		{"alert, open", func(s *scene) { old(s).add(100, captures.Orig, "alert") }, []string{ldm4}},
		{"two alerts", func(s *scene) { old(s).add(100, captures.Orig, "alert").add(100.1, captures.Orig, "alert").close(101) }, []string{ldm4}},
		{"unanswered SYN from before", func(s *scene) {
			s.talk(packet.TCP, firstAddr, 443).add(69, captures.Orig, "open").add(72, captures.Orig, "open").State = flow.S0
		}, nil},
		{"QUIC goes on", func(s *scene) {
			f := s.udp(40, firstAddr, 443).add(100, captures.Orig, "data").form(fact.Encrypted)
			f.App.Protocol, f.App.QUIC = dissect.QUICProtocol, &dissect.QUIC{Version: 1, TLS: &dissect.TLS{Hello: true, ServerHello: true}}
		}, []string{ldm4}},
		{"QUIC ended", func(s *scene) {
			f := s.udp(40, firstAddr, 443).form(fact.Encrypted)
			f.App.Protocol, f.App.QUIC = dissect.QUICProtocol, &dissect.QUIC{Version: 1, TLS: &dissect.TLS{Hello: true, ServerHello: true}}
		}, nil},
		{"system and LAN go on", func(s *scene) {
			s.tcp(40, thirdAddr, 443).tls("push.system.test").add(100, captures.Orig, "data")
			s.tcp(40, "10.0.0.77", 5555).tls("").add(100, captures.Orig, "data")
		}, nil},
		{"ping goes on", func(s *scene) {
			s.talk(packet.ICMP, firstAddr, 0).add(40, captures.Orig, "open").add(100, captures.Orig, "open").EchoID = 999
		}, []string{ldm4}},
		{"controls of one id go on", oneEcho, nil},
		{"ping ended", func(s *scene) { s.talk(packet.ICMP, firstAddr, 0).add(40, captures.Orig, "open").EchoID = 999 }, nil},
		{"goes on after an idle split", func(s *scene) {
			root := old(s)
			rest := s.talk(packet.TCP, firstAddr, 443).add(100, captures.Orig, "data").form(fact.Unknown)
			rest.Orig = root.Orig
			s.marks = append(s.marks, mark{at(199), func(dissect.Mark) { rest.Continues = root.ID }})
		}, []string{ldm4}},
	})
}

// oneEcho lets all controls be of one ping, which goes on over all windows.
func oneEcho(s *scene) {
	var all *talk
	id, k := uint16(1), 0
	s.talks = slices.DeleteFunc(s.talks, func(f *talk) bool {
		if f.Proto != packet.ICMP {
			return false
		}
		seq := uint16(k + 1)
		s.rec.Journal.Controls[k].Flow.ICMPID, s.rec.Journal.Controls[k].Flow.ICMPSeq = &id, &seq
		k++
		for i := range f.events {
			f.events[i].seq = seq
		}
		if all == nil {
			all = f
			all.EchoID = id
			return false
		}
		all.events = append(all.events, f.events...)
		return true
	})
	slices.SortStableFunc(all.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
}

func TestLDM5(t *testing.T) {
	judge := func(stimulus string, script func(s *scene)) *Report {
		s := newScene(t, rig.ModeLocalData)
		for i := range s.rec.Windows {
			s.rec.Windows[i].Stimulus = stimulus
		}
		script(s)
		return s.judge()
	}
	none := func(*scene) {}
	for _, stimulus := range []string{"reboot", "app restart", "app-restart", "link", "unlink", "plug", "usb_unplug"} {
		expect(t, judge(stimulus, none), "ldm/idle", "LDM-5 pass hold under "+stimulus)
	}
	expect(t, judge("idle", none), "ldm/idle", "LDM-5 none")
	expect(t, judge("plug", func(s *scene) { s.asks(100, "api.maker.test", routerAddr) }), "ldm/idle", ldm3, "LDM-5 fail LDM-3 does not hold under plug")
	expect(t, judge("plug", failing("ldm/idle", 75)), "ldm/idle", append(unfit(rig.ModeLocalData), "CTRL-1 inconclusive refused", "LDM-5 inconclusive LDM-1")...)
	expect(t, judge("plug", func(s *scene) { s.udp(100, noAddr, 9999) }), "ldm/idle", nameless, opaque, "LDM-5 inconclusive LDM-2")
}

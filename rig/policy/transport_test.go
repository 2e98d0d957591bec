package policy

import (
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
)

const apiName = "api.third.test" // of nobody on a list

// inStandard is a flow in the standard window before.
func inStandard(change func(f *talk)) func(s *scene) {
	return func(s *scene) {
		f := s.tcp(30, thirdAddr, 443).tls(apiName).close(31)
		change(f)
	}
}

func tlsWith(version, suite uint16) func(s *scene) {
	return inStandard(func(f *talk) { f.App.TLS.Version, f.App.TLS.Cipher = version, suite })
}

func quic(version uint32, inner *dissect.TLS) func(s *scene) {
	return func(s *scene) {
		f := s.udp(30, thirdAddr, 443).form(fact.Encrypted).named(fact.FromQUIC, apiName)
		f.App.Protocol, f.App.QUIC = dissect.QUICProtocol, &dissect.QUIC{Version: version, TLS: inner}
		if inner == nil {
			f.App.Protocol = dissect.GQUICProtocol
		}
	}
}

func request(method, host, path string, body uint64) func(s *scene) {
	return func(s *scene) {
		f := s.tcp(30, thirdAddr, 80).clear(dissect.HTTPProtocol, method+" "+path, "204").named(fact.FromHost, host).close(31)
		f.App.HTTP = &dissect.HTTP{Hosts: []string{host}, Requests: []dissect.HTTPRequest{{Method: method, Host: host, Path: path, Body: body}}}
	}
}

func TestTLS1(t *testing.T) {
	const gone = "inconclusive handshake is nowhere in the recording"
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string
	}{
		"TLS 1.3":        {inStandard(func(*talk) {}), "pass"},
		"TLS 1.2":        {tlsWith(0x0303, 0xc02f), "pass"},
		"TLS 1.1":        {tlsWith(0x0302, 0xc014), "fail older version than TLS 1.2"},
		"TLS 1.0":        {tlsWith(0x0301, 0xc014), "fail 1.0"},
		"DTLS 1.2":       {tlsWith(0xfefd, 0xc02b), "pass"},
		"DTLS 1.3":       {tlsWith(0xfefc, 0x1301), "pass"},
		"DTLS 1.0":       {tlsWith(0xfeff, 0xc014), "fail older version"},
		"NULL":           {tlsWith(0x0303, 0x003b), "fail no encryption"},
		"anonymous":      {tlsWith(0x0303, 0x0034), "fail no authentication"},
		"export":         {tlsWith(0x0303, 0x0008), "fail export grade"},
		"RC4":            {tlsWith(0x0303, 0x0005), "fail RC4"},
		"unregistered":   {tlsWith(0x0303, 0x1a2b), "inconclusive not registered"},
		"integrity only": {tlsWith(0x0304, 0xc0b4), "fail no encryption"},
		"no handshake":   {inStandard(func(f *talk) { f.App.TLS = &dissect.TLS{AppData: [2]uint64{3, 3}} }), gone},
		"server's half":  {inStandard(func(f *talk) { f.App.TLS.Hello = false }), "pass"},
		"client's half":  {inStandard(func(f *talk) { f.App.TLS.ServerHello, f.App.TLS.Version = false, 0 }), gone},
		"refused": {inStandard(func(f *talk) {
			f.App.TLS = &dissect.TLS{Hello: true, Alerts: []dissect.Alert{{Level: 2, Code: 40}}}
		}), "pass"},
		"old version broken off": {inStandard(func(f *talk) {
			f.App.TLS.Version, f.App.TLS.AppData, f.App.TLS.Alerts = 0x0301, [2]uint64{}, []dissect.Alert{{Level: 2, Code: 70}}
		}), "pass"},
		"QUIC":           {quic(1, &dissect.TLS{Hello: true, ServerHello: true}), "pass"},
		"Google QUIC":    {quic(0x51303433, nil), "inconclusive Google QUIC"},
		"SSH":            {inStandard(func(f *talk) { f.App = dissect.Facts{Protocol: dissect.SSHProtocol} }), "inconclusive neither TLS nor QUIC"},
		"unknown":        {inStandard(func(f *talk) { f.App, f.Form = dissect.Facts{}, fact.Unknown }), "inconclusive unknown protocol"},
		"MQTT":           {func(s *scene) { s.tcp(30, thirdAddr, 1883).clear(dissect.MQTTProtocol, "x", "y") }, "fail in the clear"},
		"unanswered SYN": {func(s *scene) { s.tcp(30, thirdAddr, 443).form(fact.NoPayload) }, "pass"},
		"on the LAN":     {func(s *scene) { s.tcp(30, "10.0.0.77", 80).clear(dissect.HTTPProtocol, "x", "y") }, "pass"},
		"DNS, announced": {func(s *scene) {
			s.set.Leases = []fact.Lease{{DHCPLease: dissect.DHCPLease{Resolvers: [][4]byte{{192, 0, 2, 53}}}}}
			s.asks(30, apiName, "192.0.2.53")
		}, "pass"},
		"DNS, elsewhere":          {func(s *scene) { s.asks(30, apiName, "192.0.2.54") }, "fail in the clear"},
		"NTP":                     {ntp(1, 0), "pass"},
		"NTP, odd":                {ntp(1, 1), "fail in the clear"},
		"probe":                   {request("GET", "probe.system.test", "/204", 0), "pass"},
		"probe, host in capitals": {request("GET", "Probe.System.Test", "/204", 0), "pass"},
		"probe, body":             {request("GET", "probe.system.test", "/204", 1), "fail"},
		"probe, path":             {request("GET", "probe.system.test", "/204?x", 0), "fail"},
		"probe, host":             {request("GET", "x.system.test", "/204", 0), "fail"},
		"probe, method":           {request("POST", "probe.system.test", "/204", 0), "fail"},
		"probe, cut":              {cutShort(request("GET", "probe.system.test", "/204", 0)), "inconclusive not captured whole"},
		"probe, cut, and another": {cutShort(request("GET", "x.system.test", "/204", 0)), "fail in the clear"},
		"NTP, answer alone":       {answerAlone(dissect.NTPProtocol, 123), "inconclusive not captured whole"},
		"HTTP, answer alone":      {answerAlone(dissect.HTTPProtocol, 80), "inconclusive not captured whole"},
		"MQTT, answer alone":      {answerAlone(dissect.MQTTProtocol, 1883), "fail in the clear"},
		"another host's": {func(s *scene) {
			f := s.tcp(30, thirdAddr, 80).clear(dissect.HTTPProtocol, "x", "y")
			f.MAC[0], f.Orig.Addr = otherMAC, f.Resp.Addr.Next()
		}, "pass"},
		"handshake before an idle split": {func(s *scene) {
			root := s.tcp(10, thirdAddr, 443).tls(apiName)
			rest := s.talk(packet.TCP, thirdAddr, 443).add(30, captures.Orig, "data").add(30.1, captures.Resp, "data").form(fact.Unknown)
			s.marks = append(s.marks, mark{at(199), func(dissect.Mark) { rest.Continues = root.ID }})
		}, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			c.script(s)
			v := cells(s.judge())["TLS-1 standard/before"]
			expectOne(t, &v, c.want)
		})
	}
}

// cutShort lets frames of the last flow of a script be cut.
func cutShort(script func(s *scene)) func(s *scene) {
	return func(s *scene) {
		script(s)
		s.talks[len(s.talks)-1].HeadGap = true
	}
}

// answerAlone is a flow of which the mirror shows the far side only.
func answerAlone(p dissect.Protocol, port uint16) func(s *scene) {
	return func(s *scene) {
		f := s.talk(packet.UDP, thirdAddr, port).add(30, captures.Orig, "data").form(fact.Cleartext)
		f.Orig, f.Resp = f.Resp, f.Orig
		f.MAC[0], f.MAC[1] = f.MAC[1], f.MAC[0]
		f.App.Protocol, f.App.NTP = p, &dissect.NTP{Odd: 1}
	}
}

func ntp(clients, odd uint64) func(s *scene) {
	return func(s *scene) {
		f := s.udp(30, "192.0.2.123", 123).form(fact.Cleartext)
		f.App.Protocol, f.App.NTP = dissect.NTPProtocol, &dissect.NTP{Clients: clients, Odd: odd}
	}
}

func TestTLS1InEveryWindow(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.tcp(30, thirdAddr, 80).clear(dissect.HTTPProtocol, "x", "y").named(fact.FromHost, "x.system.test").close(145)
	m := cells(s.judge())
	for window, want := range map[string]Result{"standard/before": Fail, "ldm/idle": Pass, "standard/after": Fail} {
		if got := m["TLS-1 "+window].Result; got != want {
			t.Errorf("%s: %s, want %s: a flow has its facts where it has a frame", window, got, want)
		}
	}
}

func TestTLS2(t *testing.T) {
	for name, c := range map[string]struct {
		orig, resp string
		change     func(f *talk)
		want       string
	}{
		"nothing":                              {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", nil, "pass"},
		"cookie":                               {"GET / HTTP/1.1\r\nCookie: a=b\r\n\r\n", "", nil, "fail 1 cookie in the clear"},
		"serial number":                        {"GET /?sn=sn12345678 HTTP/1.1\r\n\r\n", "", nil, "fail 1 serial number in the clear"},
		"in the answer":                        {"", "sn=SN12345678", nil, "fail serial number"},
		"gap":                                  {"x", "", func(f *talk) { f.Streams[0].Gap = true }, "inconclusive bytes are missing"},
		"too long":                             {"x", "", func(f *talk) { f.Streams[1].Cut = true }, "inconclusive longer than"},
		"cut frames":                           {"x", "", func(f *talk) { f.HeadCut = true }, "inconclusive frames are cut"},
		"not kept":                             {"x", "", func(f *talk) { f.Streams[0] = nil }, "inconclusive not kept"},
		"compressed":                           {"x", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", nil, "inconclusive compressed"},
		"accepts compression":                  {"GET / HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", nil, "pass"},
		"HTTP/2":                               {"PRI", "", func(f *talk) { f.App.Protocol = dissect.HTTP2Protocol }, "inconclusive compressed"},
		"unknown protocol":                     {"\x01\x02", "", func(f *talk) { f.Form, f.App.Protocol, f.Streams[0].Cut = fact.Unknown, "", true }, "pass"},
		"serial number in an unknown protocol": {"\x01\x02id=SN12345678", "", func(f *talk) { f.Form, f.App.Protocol = fact.Unknown, "" }, "fail serial number"},
		"serial number over chunks": {"POST /r HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nSN123\r\n5\r\n45678\r\n0\r\n\r\n", "", nil,
			"fail 1 serial number in the clear"},
		"serial number under a mask": {"GET / HTTP/1.1\r\n\r\n\x81\x8a\x01\x02\x03\x04RL2626626:", "",
			func(f *talk) { f.App.Protocol = dissect.WebSocketProtocol }, "fail 1 serial number in the clear"},
		"cookie beats a gap": {"GET / HTTP/1.1\r\nCookie: a=b\r\n\r\n", "", func(f *talk) { f.Streams[0].Gap = true }, "fail cookie"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			f := s.tcp(30, thirdAddr, 80).clear(dissect.HTTPProtocol, c.orig, c.resp)
			if c.change != nil {
				c.change(f)
			}
			v := cells(s.judge())["TLS-2 standard/before"]
			expectOne(t, &v, c.want)
			if strings.Contains(v.Because, "12345678") {
				t.Errorf("the sentence tells the secret: %s", v.Because)
			}
		})
	}
}

// TestTLS2Serial: a pass names the serial number only where one was looked for.
func TestTLS2Serial(t *testing.T) {
	for serial, want := range map[string]bool{"SN12345678": true, "SN1": false, "": false} {
		s := newScene(t, rig.ModeLocalData)
		s.rec.Inventory.Device.Serial = serial
		s.tcp(30, thirdAddr, 80).clear(dissect.HTTPProtocol, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "")
		v := cells(s.judge())["TLS-2 standard/before"]
		if got := strings.Contains(v.Because, "serial number"); v.Result != Pass || got != want {
			t.Errorf("serial %q: %s, %s", serial, v.Result, v.Because)
		}
	}
}

func TestTLS2Frame(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	f := s.tcp(30, thirdAddr, 80).clear(dissect.HTTPProtocol, "GET / HTTP/1.1\r\nCookie: a=b\r\n\r\n", "")
	f.Streams[0].Marks = append(f.Streams[0].Marks[:0], streamMarks(0, 3, 16, 4, 18, 5)...)
	v := cells(s.judge())["TLS-2 standard/before"]
	if len(v.Evidence) != 1 || len(v.Evidence[0].Frames) != 1 || v.Evidence[0].Frames[0] != 3 {
		t.Errorf("evidence %+v, want the frame of byte 14", v.Evidence)
	}
}

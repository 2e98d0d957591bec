package dissect

import (
	"encoding/hex"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/spanrig/spanrig/captures"
)

// answer packs a response of every kind of data that is read, with dnsmessage.
func answer(t testing.TB) []byte {
	t.Helper()
	name := dnsmessage.MustNewName("Www.Example.Test.")
	alias := dnsmessage.MustNewName("edge.example.test.")
	header := func(n dnsmessage.Name) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: n, Class: dnsmessage.ClassINET, TTL: 60}
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 0xbeef, Response: true, RCode: dnsmessage.RCodeSuccess},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
		Answers: []dnsmessage.Resource{
			{Header: header(name), Body: &dnsmessage.CNAMEResource{CNAME: alias}},
			{Header: header(alias), Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 7}}},
			{Header: header(alias), Body: &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2001:db8::7").As16()}},
			{Header: header(alias), Body: &dnsmessage.MXResource{Pref: 10, MX: name}},
			{Header: header(alias), Body: &dnsmessage.SRVResource{Port: 443, Target: name}},
			{Header: header(alias), Body: &dnsmessage.TXTResource{TXT: []string{"v=spf1 ", "-all"}}},
		},
		Additionals: []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName("."), Class: 1232}, Body: &dnsmessage.OPTResource{}}},
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseDNS(t *testing.T) {
	got, err := ParseDNS(answer(t))
	if err != nil {
		t.Fatal(err)
	}
	want := &DNSMessage{ID: 0xbeef, Response: true,
		Questions: []DNSQuestion{{"www.example.test", typeA}},
		Answers: []DNSAnswer{
			{Name: "www.example.test", Type: typeCNAME, Data: "edge.example.test"},
			{Name: "edge.example.test", Type: typeA, Data: "192.0.2.7", Addr: netip.MustParseAddr("192.0.2.7")},
			{Name: "edge.example.test", Type: typeAAAA, Data: "2001:db8::7", Addr: netip.MustParseAddr("2001:db8::7")},
			{Name: "edge.example.test", Type: typeMX, Data: "www.example.test"},
			{Name: "edge.example.test", Type: typeSRV, Data: "www.example.test"},
			{Name: "edge.example.test", Type: typeTXT, Data: "v=spf1 -all"},
		}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if !looksLikeDNS(answer(t), false) {
		t.Error("a whole answer is not recognised on another port")
	}
	for n := range len(answer(t)) {
		if looksLikeDNS(answer(t)[:n], false) {
			t.Errorf("%d bytes of an answer pass as a message", n)
		}
	}
}

// An HTTPS record with the parameters alpn and ech (RFC 9460, RFC 9848).
func TestDNSECH(t *testing.T) {
	question := query("a.test")
	with := "\xc0\x0c\x00\x41\x00\x01\x00\x00\x00\x3c\x00\x12\x00\x01\x00\x00\x01\x00\x03\x02h2\x00\x05\x00\x04\xde\xad\xbe\xef"
	without := "\xc0\x0c\x00\x41\x00\x01\x00\x00\x00\x3c\x00\x0a\x00\x01\x00\x00\x01\x00\x03\x02h2"
	b := []byte(question[:2] + "\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00" + question[12:] + with + without)
	m, err := ParseDNS(b)
	if err != nil || len(m.Answers) != 2 || !m.Answers[0].ECH || m.Answers[1].ECH || TypeName(m.Answers[0].Type) != "HTTPS" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestDNSNames(t *testing.T) {
	for _, c := range []struct {
		name, hex string
		off       int
		want      string
		end       int // -1: an error
	}{
		{"root", "00", 0, "", 1},
		{"two labels", "03777777 04 54455354 00", 0, "www.test", 10},
		{"pointer", "0474657374 00 0361 6263 c000", 6, "abc.test", 12},
		{"escapes", "08 612e5c000d1aff41 00", 0, `a\.\\000\r\032` + "\uFFFDa", 10},
		{"utf-8", "03 e5b08f 00", 0, "小", 5},
		{"loop on itself", "c000", 0, "", -1},
		{"loop of two", "c002c000", 0, "", -1},
		{"beyond the end", "c0ff", 0, "", -1},
		{"label beyond the end", "0561", 0, "", -1},
		{"no end", "0161", 0, "", -1},
		{"reserved label type", "4161", 0, "", -1},
		{"off the message", "00", 7, "", -1},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(c.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got, end, err := appendName(nil, b, c.off)
		if err != nil && c.end == -1 {
			continue
		}
		if err != nil || string(got) != c.want || end != c.end {
			t.Errorf("%s: %q to %d, %v", c.name, got, end, err)
		}
	}
	long := strings.Repeat("\x3f"+strings.Repeat("a", 63), 17) + "\x00"
	if _, _, err := appendName(nil, []byte(long), 0); err != nameLong {
		t.Errorf("a name of more than %d bytes: %v", nameLimit, err)
	}
}

// TestDNSPart: what stands before a cut or a fault is taken.
func TestDNSPart(t *testing.T) {
	b := []byte(query("a.test"))
	for n, want := range map[int]int{len(b): 1, len(b) - 4: 1, len(b) - 5: 0, 12: 0, 5: 0} {
		c := NewConversation(Transport{RespPort: 53})
		c.Datagram(captures.Orig, b[:n], len(b), Mark{})
		got := 0
		if f := c.Facts().DNS; f != nil {
			got = len(f.Queries)
		}
		if got != want {
			t.Errorf("%d bytes of %d: %d queries", n, len(b), got)
		}
	}
}

// TestDNSUnreadable: a question whose name cannot be read was asked all the same.
func TestDNSUnreadable(t *testing.T) {
	b := []byte(query("a.test"))
	b[12] = 0x41
	c := NewConversation(Transport{RespPort: 53})
	c.Datagram(captures.Orig, b, len(b), Mark{})
	if f := c.Facts().DNS; f == nil || len(f.Queries) != 1 || f.Queries[0] != string(labelUnknown) || f.Odd != 1 {
		t.Errorf("%+v", f)
	}
}

func TestDNSStream(t *testing.T) {
	first, second := "\x00\x18"+query("a.test"), "\x00\x18"+query("b.test")
	var seen []string
	c := NewConversation(Transport{TCP: true, RespPort: 53, OnDNS: func(m *DNSMessage, dir captures.Dir, _ Mark) {
		seen = append(seen, dir.String()+" "+m.Questions[0].Name)
	}})
	for _, b := range []byte(first + second) {
		c.Feed(captures.Orig, []byte{b}, Mark{})
	}
	c.Feed(captures.Orig, []byte("\x00\x18garbage"), Mark{})
	c.Gap(captures.Orig, 0x18-7) // exactly the rest of that message
	c.Feed(captures.Orig, []byte(first), Mark{})
	c.Feed(captures.Orig, []byte(first[:10]), Mark{})
	c.Gap(captures.Orig, 1000) // beyond it: lost
	c.Feed(captures.Orig, []byte(first), Mark{})
	if got := strings.Join(seen, ", "); got != "orig a.test, orig b.test, orig a.test" {
		t.Errorf("saw %s", got)
	}
	if c.Wants(captures.Orig) {
		t.Error("a stream without framing is read on")
	}
	if got := c.Facts().DNS.Queries; !reflect.DeepEqual(got, []string{"a.test", "b.test"}) {
		t.Errorf("queries %v", got)
	}
}

func TestTypeName(t *testing.T) {
	for n, want := range map[uint16]string{1: "A", 28: "AAAA", 65: "HTTPS", 64: "SVCB", 12: "PTR", 4321: "TYPE4321"} {
		if got := TypeName(n); got != want {
			t.Errorf("type %d is %s", n, got)
		}
	}
}

// FuzzDNS: a message or an error; and where the message that dnsmessage
// accepts has host names only, both read the same.
func FuzzDNS(f *testing.F) {
	f.Add(answer(f))
	f.Add([]byte(query("www.example.test")))
	f.Add([]byte("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01"))
	addPayloads(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseDNS(b)
		if (m == nil) == (err == nil) {
			t.Fatalf("value %v, error %v", m, err)
		}
		var p dnsmessage.Parser
		if _, err := p.Start(b); err != nil {
			return
		}
		questions, theirs := p.AllQuestions()
		if theirs != nil || err != nil {
			return
		}
		for i, q := range questions {
			if i < dnsRecordLimit && plain(q.Name.String()) && !strings.EqualFold(strings.TrimSuffix(q.Name.String(), "."), m.Questions[i].Name) {
				t.Errorf("question %q, dnsmessage has %q", m.Questions[i].Name, q.Name)
			}
		}
	})
}

// plain reports whether a name has nothing that is escaped.
func plain(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7f || name[i] == '\\' {
			return false
		}
	}
	return !strings.Contains(name, "..")
}

func BenchmarkDNS(b *testing.B) {
	message := answer(b)
	for b.Loop() {
		if _, err := ParseDNS(message); err != nil {
			b.Fatal(err)
		}
	}
}

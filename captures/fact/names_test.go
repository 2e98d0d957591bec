package fact

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
)

var (
	device = netip.MustParseAddr("10.0.0.2")
	other  = netip.MustParseAddr("10.0.0.3")
	server = netip.MustParseAddr("203.0.113.7")
	mac    = captures.MAC{2, 0, 0, 0, 0, 1}
)

func answer(name string, cnames ...string) *dissect.DNSMessage {
	m := &dissect.DNSMessage{Response: true, Questions: []dissect.DNSQuestion{{Name: name, Type: typeA}}}
	for _, c := range cnames {
		m.Answers = append(m.Answers, dissect.DNSAnswer{Name: name, Type: typeCNAME, Data: c})
		name = c
	}
	m.Answers = append(m.Answers, dissect.DNSAnswer{Name: name, Type: typeA, Addr: server})
	return m
}

func flowTo(from netip.Addr, id uint64) *flow.Flow {
	return &flow.Flow{ID: captures.NewFrameID(0, id), Orig: flow.Endpoint{Addr: from}, Resp: flow.Endpoint{Addr: server}}
}

func dnsNames(b *book, f *flow.Flow) []string {
	var names []string
	for _, n := range b.names(f) {
		if n.Source == FromDNS {
			names = append(names, n.Name)
		}
	}
	return names
}

func TestBookNamesQueriedNameAndEachCNAME(t *testing.T) {
	b := newBook()
	b.learn(answer("app.example", "edge.example", "pop.example"), device, mac, dissect.Mark{Frame: 5}, nil)
	got := dnsNames(b, flowTo(device, 6))
	slices.Sort(got)
	if want := []string{"app.example", "edge.example", "pop.example"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
}

func TestBookOnlyBeforeAndOnlyOwn(t *testing.T) {
	b := newBook()
	b.learn(answer("app.example"), device, mac, dissect.Mark{Frame: 5}, nil)
	if got := dnsNames(b, flowTo(device, 4)); len(got) != 0 {
		t.Errorf("a flow before the answer has %v", got)
	}
	if got := dnsNames(b, flowTo(other, 6)); len(got) != 0 {
		t.Errorf("another station has %v", got)
	}
	sameStation := flowTo(other, 6)
	sameStation.MAC[captures.Orig] = mac
	if got := dnsNames(b, sameStation); len(got) != 1 {
		t.Errorf("another address of the same station has %v", got)
	}
}

func TestBookCNAMELoop(t *testing.T) {
	m := answer("a.example", "b.example")
	m.Answers = append(m.Answers, dissect.DNSAnswer{Name: "b.example", Type: typeCNAME, Data: "a.example"})
	newBook().learn(m, device, mac, dissect.Mark{}, nil) // ends
}

func TestBookIsBounded(t *testing.T) {
	b := newBook()
	m := answer("a.example")
	for i := range 3 * maxAnswers {
		m.Answers[0].Addr = netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)})
		b.learn(m, netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), captures.MAC{}, dissect.Mark{}, nil)
	}
	held := 0
	for _, generation := range []map[netip.Addr][]Answer{b.young, b.old} {
		for _, list := range generation {
			held += len(list)
		}
	}
	if held > 2*maxAnswers {
		t.Errorf("holds %d answers, more than two generations", held)
	}
}

func TestHostName(t *testing.T) {
	for in, want := range map[string]string{
		"Example.COM": "example.com", "a.example:8080": "a.example", "a.example.": "a.example",
		"203.0.113.7": "", "203.0.113.7:80": "", "[2001:db8::1]:80": "", "[2001:db8::1]": "", "": "",
	} {
		if got := hostName(in); got != want {
			t.Errorf("hostName(%q) = %q, want %q", in, got, want)
		}
	}
}

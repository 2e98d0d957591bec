package fact

import (
	"net/netip"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
)

// maxAnswers bounds one generation of a book; two are kept. maxNames bounds
// what is kept of one address: the oldest go first.
const (
	maxAnswers = 1 << 16
	maxNames   = 256
)

// DNS record types that a book reads (RFC 1035 section 3.2.2, RFC 3596).
const (
	typeA     = 1
	typeCNAME = 5
	typeAAAA  = 28
)

// book remembers which station got which address for which name. It holds two
// generations, so that its memory does not grow with the capture: names that
// nobody was told for the last maxAnswers answers are forgotten.
type book struct {
	young, old map[netip.Addr][]Answer
	count      int
}

func newBook() *book { return &book{young: map[netip.Addr][]Answer{}} }

// learn takes the answers of a message that went to client, and hands each new
// one to see.
func (b *book) learn(m *dissect.DNSMessage, client netip.Addr, mac captures.MAC, at dissect.Mark, see func(Answer)) {
	for _, rr := range m.Answers {
		if rr.Type != typeA && rr.Type != typeAAAA || !rr.Addr.IsValid() {
			continue
		}
		for _, name := range aliases(m, rr.Name) {
			a := Answer{Client: client, MAC: mac, Name: name, Addr: rr.Addr, At: at}
			if b.add(a) && see != nil {
				see(a)
			}
		}
	}
}

// aliases returns owner and every name that the message's CNAME records lead
// to it, owner first.
func aliases(m *dissect.DNSMessage, owner string) []string {
	names := []string{owner}
	for i := 0; i < len(names) && len(names) <= dissect.Limit; i++ {
		for _, rr := range m.Answers {
			if rr.Type == typeCNAME && rr.Data == names[i] && !slices.Contains(names, rr.Name) {
				names = append(names, rr.Name)
			}
		}
	}
	return names
}

func (b *book) add(a Answer) bool {
	known := b.young[a.Addr]
	for i := range known {
		if known[i].Name == a.Name && known[i].Client == a.Client && known[i].MAC == a.MAC {
			return false
		}
	}
	if b.count >= maxAnswers {
		b.old, b.young, b.count = b.young, map[netip.Addr][]Answer{}, 0
		known = nil
	}
	if len(known) >= maxNames {
		known = slices.Delete(known, 0, 1)
	}
	b.young[a.Addr] = append(known, a)
	b.count++
	return true
}

// each calls yield with the answers for addr that the station of client or mac
// got before frame, oldest generation first.
func (b *book) each(client netip.Addr, mac captures.MAC, addr netip.Addr, before captures.FrameID, yield func(Answer)) {
	for _, generation := range [...]map[netip.Addr][]Answer{b.old, b.young} {
		for _, a := range generation[addr] {
			own := a.Client == client || a.MAC == mac && mac != captures.MAC{}
			if own && a.At.Frame < before {
				yield(a)
			}
		}
	}
}

// names lists the names of a flow in the order in which they are taken:
// contract section 5, "Name".
func (b *book) names(f *flow.Flow) []Name {
	var list []Name
	add := func(name string, source NameSource, at dissect.Mark) {
		if name == "" {
			return
		}
		for i := range list {
			if list[i].Name == name && list[i].Source == source {
				return
			}
		}
		list = append(list, Name{name, source, at})
	}
	app := &f.App
	if t := app.TLS; t != nil {
		add(t.SNI, FromSNI, t.HelloAt)
		for _, name := range t.OtherSNI {
			add(name, FromSNI, t.HelloAt)
		}
	}
	if q := app.QUIC; q != nil {
		add(q.SNI, FromQUIC, q.HelloAt)
	}
	begin := dissect.Mark{Frame: f.ID, Time: f.Start}
	add(app.Target, FromTarget, begin)
	if h := app.HTTP; h != nil {
		for _, host := range h.Hosts {
			add(hostName(host), FromHost, begin)
		}
	}
	if t := app.TLS; t != nil && len(t.Certificates) > 0 {
		for _, name := range t.Certificates[0].Names {
			add(name, FromCert, t.ServerAt)
		}
	}
	b.each(f.Orig.Addr, f.MAC[captures.Orig], f.Resp.Addr, f.ID, func(a Answer) { add(a.Name, FromDNS, a.At) })
	return list
}

package fact

import (
	"context"
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
)

// Stream assembles src and hands each fact to emit, in order of last frame.
// The fact belongs to emit. Memory depends on the open flows alone.
//
// Damage in the capture is no error: it is in the Summary. Errors are those of
// reading, and ctx's.
func Stream(ctx context.Context, src captures.Source, cfg flow.Config, emit func(*Fact)) (flow.Summary, error) {
	names := newBook()
	return flow.Assemble(ctx, src, cfg, flow.Observer{
		Flow: func(f *flow.Flow) { emit(&Fact{Flow: f, Names: names.names(f), Form: form(f)}) },
		DNS: func(f *flow.Flow, m *dissect.DNSMessage, from captures.Dir, at dissect.Mark) {
			if named(f, m) {
				client, _ := ends(f, from.Reverse())
				names.learn(m, client.Addr, f.MAC[from.Reverse()], at, nil)
			}
		},
	})
}

// Extract assembles src and collects everything that it says.
func Extract(ctx context.Context, src captures.Source, cfg flow.Config) (*Set, error) {
	return ExtractSome(ctx, src, cfg, func(_ *Set, f Fact) Fact { return f })
}

// ExtractSome is Extract for who does not need every fact whole: each is handed
// to keep with what was collected before it, and what keep returns, perhaps
// less, takes its place in the set.
func ExtractSome(ctx context.Context, src captures.Source, cfg flow.Config, keep func(*Set, Fact) Fact) (*Set, error) {
	set := &Set{}
	names := newBook()
	bound := map[station]bool{}
	summary, err := flow.Assemble(ctx, src, cfg, flow.Observer{
		Flow: func(f *flow.Flow) {
			set.Facts = append(set.Facts, keep(set, Fact{Flow: f, Names: names.names(f), Form: form(f)}))
		},
		DNS: func(f *flow.Flow, m *dissect.DNSMessage, from captures.Dir, at dissect.Mark) {
			if !m.Response {
				set.ask(f, m, from, at)
			} else if named(f, m) {
				client, _ := ends(f, from.Reverse())
				names.learn(m, client.Addr, f.MAC[from.Reverse()], at, func(a Answer) { set.Answers = append(set.Answers, a) })
			}
		},
		Binding: func(b packet.Binding) {
			key := station{b.MAC, b.Addr}
			if !bound[key] && len(bound) < maxBindings {
				bound[key] = true
				set.Bindings = append(set.Bindings, b)
			}
		},
		Lease:  func(l dissect.DHCPLease, at dissect.Mark) { set.Leases = append(set.Leases, Lease{l, at}) },
		Router: func(r flow.RouterAdvert, at dissect.Mark) { set.Routers = append(set.Routers, Router{r, at}) },
	})
	set.Summary = summary
	return set, err
}

// maxBindings bounds Set.Bindings: one LAN has at most as many neighbours.
const maxBindings = 1 << 16

type station struct {
	mac  captures.MAC
	addr netip.Addr
}

func (s *Set) ask(f *flow.Flow, m *dissect.DNSMessage, from captures.Dir, at dissect.Mark) {
	client, server := ends(f, from)
	for _, q := range m.Questions {
		s.Questions = append(s.Questions, Question{
			Name: q.Name, Type: q.Type, Flow: f.ID, Proto: f.Proto, Protocol: resolution(f),
			Client: client, Server: server, MAC: f.MAC[from], At: at,
		})
	}
}

// named reports whether the answers of m give names to addresses: those of a
// resolver do, those of neighbours (mDNS, LLMNR) do not.
func named(f *flow.Flow, m *dissect.DNSMessage) bool {
	return m.Response && resolution(f) == dissect.DNSProtocol
}

// resolution tells the two protocols of the link, mDNS (RFC 6762) and LLMNR
// (RFC 4795), from DNS: by port, and only where an end is a group, for their
// messages look alike and a resolver may listen on any port.
func resolution(f *flow.Flow) dissect.Protocol {
	group := f.Orig.Addr.IsMulticast() || f.Resp.Addr.IsMulticast()
	switch {
	case group && (f.Resp.Port == 5353 || f.Orig.Port == 5353):
		return dissect.MDNSProtocol
	case group && (f.Resp.Port == 5355 || f.Orig.Port == 5355):
		return dissect.LLMNRProtocol
	}
	return dissect.DNSProtocol
}

// ends returns the sender and the receiver of direction from.
func ends(f *flow.Flow, from captures.Dir) (sender, receiver flow.Endpoint) {
	if from == captures.Orig {
		return f.Orig, f.Resp
	}
	return f.Resp, f.Orig
}

// form says how the payload of f went. Only transports that carry
// applications have one: the data of an ICMP echo is none.
func form(f *flow.Flow) Form {
	protocol := f.App.Protocol
	switch {
	case f.Payload[captures.Orig]+f.Payload[captures.Resp] == 0, f.Proto == packet.ICMP, f.Proto == packet.ICMPv6:
		return NoPayload
	case f.App.TLS != nil, f.App.QUIC != nil, protocol.Encrypts():
		return Encrypted
	case protocol.Cleartext():
		return Cleartext
	}
	return Unknown
}

package world

import (
	"crypto/tls"
	"net"
	"net/netip"

	"github.com/miekg/dns"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

const timeToLive = 60 // seconds, of every record

// listenDNS opens the resolver of the LAN, on UDP and TCP, and those over TLS.
func (w *World) listenDNS() error {
	if w.Resolvers == nil {
		w.Resolvers = []netip.Addr{wiring.Router4, wiring.Router6}
	}
	for _, a := range w.Resolvers {
		at := netip.AddrPortFrom(a, 53).String()
		conn, err := net.ListenPacket("udp", at)
		if err != nil {
			return err
		}
		w.resolve(&dns.Server{PacketConn: conn, Handler: w.resolver("dns")}, conn.Close)
		listener, err := listenTCP(at)
		if err != nil {
			return err
		}
		w.resolve(&dns.Server{Listener: listener, Handler: w.resolver("dns")}, listener.Close)
	}
	return w.sockets(DoT, func(a netip.Addr) error {
		listener, err := listenTCP(netip.AddrPortFrom(a, 853).String())
		if err != nil {
			return err
		}
		config := w.authority.config()
		config.NextProtos = []string{"dot"}
		w.resolve(&dns.Server{Listener: tls.NewListener(listener, config), Handler: w.resolver(DoT)}, listener.Close)
		return nil
	})
}

// resolve notes a resolver. Shutdown ends it once it has started, close before,
// and close ends what clients left open.
func (w *World) resolve(s *dns.Server, close func() error) {
	w.add("dns", s.ActivateAndServe, func() error {
		_ = close()
		_ = s.Shutdown() // it says that the socket is closed, or that it never began
		return nil
	})
}

// resolver answers and logs.
func (w *World) resolver(s Service) dns.Handler {
	return dns.HandlerFunc(func(out dns.ResponseWriter, query *dns.Msg) {
		answer := w.answer(query)
		w.log.question(s, out.RemoteAddr(), out.LocalAddr(), answer)
		if out.LocalAddr().Network() == "udp" {
			size := dns.MinMsgSize
			if opt := query.IsEdns0(); opt != nil {
				size = int(opt.UDPSize())
			}
			answer.Truncate(size)
		}
		_ = out.WriteMsg(answer) // the client asks again
	})
}

func (l *accessLog) question(s Service, from, to net.Addr, answer *dns.Msg) {
	name, what := "", dns.RcodeToString[answer.Rcode]
	if len(answer.Question) > 0 {
		q := answer.Question[0]
		name, what = canonical(q.Name), dns.TypeToString[q.Qtype]+" "+what
	}
	l.say(s, from, to, name, what)
}

// canonical is lower case, without the final dot.
func canonical(name string) string {
	name = dns.CanonicalName(name)
	return name[:len(name)-1]
}

// answer is what the resolver knows of a query: the table, and that nothing
// else exists.
func (w *World) answer(query *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(query)
	m.RecursionAvailable = true
	if query.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}
	if query.Opcode != dns.OpcodeQuery || len(query.Question) != 1 {
		return m.SetRcode(query, dns.RcodeNotImplemented)
	}
	q := query.Question[0]
	e, ok := Lookup(w.Endpoints, q.Name)
	if !ok || q.Qclass != dns.ClassINET {
		m.Rcode = dns.RcodeNameError
		return m
	}
	owner := q.Name
	head := func(kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: owner, Rrtype: kind, Class: dns.ClassINET, Ttl: timeToLive}
	}
	if e.Alias != "" {
		m.Answer = append(m.Answer, &dns.CNAME{Hdr: head(dns.TypeCNAME), Target: dns.Fqdn(e.Alias)})
		owner = dns.Fqdn(e.Alias)
	}
	switch {
	case q.Qtype == dns.TypeA && e.Addr4.IsValid():
		m.Answer = append(m.Answer, &dns.A{Hdr: head(dns.TypeA), A: e.Addr4.AsSlice()})
	case q.Qtype == dns.TypeAAAA && e.Addr6.IsValid():
		m.Answer = append(m.Answer, &dns.AAAA{Hdr: head(dns.TypeAAAA), AAAA: e.Addr6.AsSlice()})
	case q.Qtype == dns.TypeHTTPS && w.HTTPSRecords && e.Has(HTTPS):
		m.Answer = append(m.Answer, binding(head(dns.TypeHTTPS), e))
	}
	return m
}

// binding says which protocols an HTTPS server speaks (RFC 9460).
func binding(head dns.RR_Header, e *Endpoint) dns.RR {
	protocols := &dns.SVCBAlpn{Alpn: []string{"h2"}}
	if e.Has(HTTP3) {
		protocols.Alpn = []string{"h3", "h2"}
	}
	return &dns.HTTPS{SVCB: dns.SVCB{Hdr: head, Priority: 1, Target: ".", Value: []dns.SVCBKeyValue{protocols}}}
}

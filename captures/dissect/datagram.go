package dissect

import "github.com/spanrig/spanrig/captures"

// datagramTries is how many datagrams of a flow recognition looks at.
const datagramTries = 16

// recogniseDatagram looks for a protocol in one datagram; RTP alone needs several.
func (c *Conversation) recogniseDatagram(dir captures.Dir, b []byte, wire int, at Mark) {
	if looksLikeQUIC(b) {
		if q := (&quicDatagrams{facts: c.facts}); q.read(dir, b, wire, at) {
			c.flow = q
			return
		}
	}
	p, reader := c.matchDatagram(dir, b)
	if p != "" {
		c.name(p)
	}
	switch {
	case reader != nil:
		c.flow = reader
		c.done = !reader.datagram(dir, b, wire, at)
	case p != "":
		c.done = true
	default:
		c.tried++
		c.done = c.tried >= datagramTries
	}
}

// matchDatagram names what b belongs to and returns its reader, where it has
// one. What has none is known by its head.
func (c *Conversation) matchDatagram(dir captures.Dir, b []byte) (Protocol, datagramFlow) {
	t := &c.transport
	switch {
	case (t.has(53) || t.has(5353) || t.has(5355)) && looksLikeDNS(b, true):
		return dnsName(t), &dnsDatagrams{c}
	case t.has(137) && isNBNS(b):
		return NBNSProtocol, nil
	case isDHCP(b):
		return DHCPProtocol, &dhcpDatagrams{c}
	case isNTP(b, t.has(123)):
		return NTPProtocol, &ntpDatagrams{c.facts}
	case isSTUN(b, t.has(3478)):
		return STUNProtocol, &mediaDatagrams{facts: c.facts}
	case looksLikeDTLS(b):
		return DTLSProtocol, &mediaDatagrams{facts: c.facts}
	case isRTCP(b):
		return RTCPProtocol, &mediaDatagrams{facts: c.facts}
	}
	if p := matchTextDatagram(b); p == SIPProtocol {
		return p, &sipDatagrams{c.facts}
	} else if p != "" {
		return p, nil
	}
	if p := matchLightDatagram(t, b); p != "" {
		return p, nil
	}
	switch {
	case looksLikeDNS(b, false):
		return DNSProtocol, &dnsDatagrams{c}
	case isRTP(b): // a quarter of all noise may be RTP: the name comes with the series
		return "", &mediaDatagrams{facts: c.facts}
	}
	return "", nil
}

// dnsName tells DNS from the two protocols of the link that share its messages
// (RFC 6762, RFC 4795): there only the port differs.
func dnsName(t *Transport) Protocol {
	switch {
	case t.has(5353):
		return MDNSProtocol
	case t.has(5355):
		return LLMNRProtocol
	}
	return DNSProtocol
}

// quicDatagrams keeps the facts of a QUIC flow within reach.
type quicDatagrams struct {
	quicFlow
	facts *Facts
}

func (q *quicDatagrams) datagram(dir captures.Dir, b []byte, wire int, at Mark) bool {
	q.read(dir, b, wire, at)
	return true
}

// read reports whether b was QUIC.
func (q *quicDatagrams) read(dir captures.Dir, b []byte, wire int, at Mark) bool {
	if !q.quicFlow.datagram(dir, b, wire, at) {
		return false
	}
	q.facts.QUIC, q.facts.Protocol = q.quicFlow.facts(), QUICProtocol
	if q.facts.QUIC != nil && googles(q.facts.QUIC.Version) {
		q.facts.Protocol = GQUICProtocol
	}
	return true
}

// googles reports whether a QUIC version is one of Google's: those are ASCII.
func googles(version uint32) bool { return version>>24 == 'Q' || version>>24 == 'T' }

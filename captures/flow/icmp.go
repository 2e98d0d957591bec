package flow

import (
	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// icmpPair is a request with the answer to it.
type icmpPair struct {
	request, answer uint8
	opening         bool // the request asks a host for something: an opening packet
}

// Pairs of ICMP (RFC 792, RFC 950, RFC 1256) and ICMPv6 (RFC 4443, RFC 2710,
// RFC 4861, RFC 4620, RFC 6275), as Zeek and Community ID have them.
var (
	icmp4Pairs = [...]icmpPair{{8, 0, true}, {13, 14, true}, {15, 16, true}, {17, 18, true}, {10, 9, false}}
	icmp6Pairs = [...]icmpPair{{128, 129, true}, {130, 131, false}, {133, 134, false}, {135, 136, false}, {139, 140, true}, {144, 145, false}}
)

// pairOf finds the pair that a type belongs to; nil where it has none, as
// errors have not.
func pairOf(proto, icmpType uint8) *icmpPair {
	pairs := icmp4Pairs[:]
	if proto == packet.ICMPv6 {
		pairs = icmp6Pairs[:]
	}
	for i := range pairs {
		if p := &pairs[i]; icmpType == p.request || icmpType == p.answer {
			return p
		}
	}
	return nil
}

// icmpPorts returns what stands for the ports of an ICMP message. As in Zeek
// and Community ID a request and its answer are one flow, and the requests that
// two hosts send each other are two. An error is of its type and code.
func icmpPorts(proto, icmpType, code uint8) (src, dst uint16) {
	pair := pairOf(proto, icmpType)
	switch {
	case pair == nil:
		src = uint16(icmpType)<<8 | uint16(code)
		return src, src
	case icmpType == pair.request:
		return uint16(pair.request), uint16(pair.answer)
	}
	return uint16(pair.answer), uint16(pair.request)
}

// icmpAnswer reports whether p answers a request.
func icmpAnswer(p *packet.Packet) bool {
	pair := pairOf(p.Proto, p.ICMPType)
	return pair != nil && p.ICMPType == pair.answer
}

// icmpOpening reports whether p is a request of a host.
func icmpOpening(p *packet.Packet) bool {
	pair := pairOf(p.Proto, p.ICMPType)
	return pair != nil && pair.opening && p.ICMPType == pair.request
}

// echo notes an echo request or reply.
func (a *assembler) echo(e *entry, p *packet.Packet, d captures.Dir) {
	pair := pairOf(p.Proto, p.ICMPType)
	if pair == nil || pair.request != 8 && pair.request != 128 {
		return
	}
	c := e.depth()
	if len(c.echoes) < MaxEchoes {
		c.echoes = append(c.echoes, Echo{Mark: markOf(p), Dir: d, Reply: p.ICMPType == pair.answer, Seq: p.EchoSeq})
	}
}

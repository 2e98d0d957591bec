package packet

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures"
)

// Neighbour is what one Neighbor Discovery message says.
type Neighbour struct {
	Binding Binding       // its Addr is not valid where the message binds nothing
	Router  *RouterAdvert // nil unless it is a router advertisement
}

// RouterAdvert is what a router advertisement announces, without what it
// withdraws by a lifetime of 0.
type RouterAdvert struct {
	MAC       captures.MAC
	Prefixes  []netip.Prefix // on-link ones
	Resolvers []netip.Addr   // RDNSS (RFC 8106)
	Search    []string       // DNSSL (RFC 8106), lower case, no final dot
}

// ICMPv6 types of Neighbor Discovery (RFC 4861 section 4).
const (
	routerSolicit   = 133
	routerAdvert    = 134
	neighborSolicit = 135
	neighborAdvert  = 136
)

// Options of Neighbor Discovery (RFC 4861 section 4.6, RFC 8106 section 5).
const (
	optionSource  = 1
	optionTarget  = 2
	optionPrefix  = 3
	optionServers = 25
	optionSearch  = 31
)

// ParseND reads a router or neighbour solicitation or advertisement. ok is
// false for anything else, and for a message that receivers must discard
// (RFC 4861 sections 6.1 and 7.1), such as one that crossed a router.
func ParseND(p *Packet) (n Neighbour, ok bool) {
	if !p.V6 || p.Proto != ICMPv6 || p.ICMPCode != 0 || p.TTL != 255 || p.Partial {
		return Neighbour{}, false
	}
	head, link, owner := 0, byte(optionSource), p.Src
	switch p.ICMPType {
	case routerSolicit:
	case routerAdvert:
		head = 8 // reachable time, retransmission timer
	case neighborSolicit:
		head = 16 // target
	case neighborAdvert:
		head, link = 16, optionTarget
	default:
		return Neighbour{}, false
	}
	if len(p.Payload) < head {
		return Neighbour{}, false
	}
	if p.ICMPType == neighborAdvert {
		owner = [16]byte(p.Payload[:16])
	}
	if p.ICMPType == routerAdvert {
		n.Router = &RouterAdvert{MAC: p.SrcMAC}
	}
	for options := p.Payload[head:]; len(options) > 0; {
		if len(options) < 2 || options[1] == 0 || int(options[1])*8 > len(options) {
			return Neighbour{}, false
		}
		option := options[:int(options[1])*8]
		options = options[len(option):]
		if option[0] == link {
			n.bind(p, owner, captures.MAC(option[2:8]))
		}
		if n.Router != nil {
			n.Router.option(option)
		}
	}
	return n, true
}

func (n *Neighbour) bind(p *Packet, owner [16]byte, mac captures.MAC) {
	addr := netip.AddrFrom16(owner)
	if addr.IsUnspecified() || addr.IsMulticast() || mac[0]&1 == 1 || mac == (captures.MAC{}) {
		return
	}
	n.Binding = Binding{Frame: p.Frame, Time: p.Time, MAC: mac, Addr: addr}
	if n.Router != nil {
		n.Router.MAC = mac
	}
}

func (r *RouterAdvert) option(o []byte) {
	switch {
	case o[0] == optionPrefix && len(o) == 32:
		const onLink = 0x80
		if o[3]&onLink != 0 && o[2] <= 128 && be32(o[4:]) != 0 {
			r.Prefixes = append(r.Prefixes, netip.PrefixFrom(netip.AddrFrom16([16]byte(o[16:])), int(o[2])).Masked())
		}
	case o[0] == optionServers && be32(o[4:]) != 0:
		for addr := range slices.Chunk(o[8:], 16) {
			if len(addr) == 16 {
				r.Resolvers = append(r.Resolvers, netip.AddrFrom16([16]byte(addr)))
			}
		}
	case o[0] == optionSearch && be32(o[4:]) != 0:
		r.Search = append(r.Search, searchList(o[8:])...)
	}
}

// searchList reads DNS names in wire form, never compressed, padded with zeros.
func searchList(b []byte) []string {
	var names, labels []string
	for len(b) > 0 {
		n := int(b[0])
		if n > 63 || 1+n > len(b) {
			return names
		}
		if n > 0 {
			labels = append(labels, strings.ToLower(string(b[1:1+n])))
		} else if labels != nil {
			names, labels = append(names, strings.Join(labels, ".")), nil
		}
		b = b[1+n:]
	}
	return names
}

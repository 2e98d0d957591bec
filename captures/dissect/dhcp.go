package dissect

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/spanrig/spanrig/captures"
)

var errDHCP = errors.New("dhcp: no acknowledgement of a lease")

const (
	dhcpHeader = 240 // fixed fields and magic cookie
	dhcpMagic  = 0x63825363
)

// DHCPLease is what a DHCP ACK (RFC 2131) hands to a client.
type DHCPLease struct {
	MAC       captures.MAC
	Addr      [4]byte
	Mask      [4]byte
	Routers   [][4]byte
	Resolvers [][4]byte
	Search    []string // options 15 and 119; lower case, no final dot
}

// isDHCP reports whether b is a DHCP or BOOTP message (RFC 2131, RFC 951).
func isDHCP(b []byte) bool {
	return len(b) >= dhcpHeader && (b[0] == 1 || b[0] == 2) && b[2] <= 16 && binary.BigEndian.Uint32(b[236:]) == dhcpMagic
}

// dhcpDatagrams hands on the leases of a DHCP flow.
type dhcpDatagrams struct{ c *Conversation }

func (d *dhcpDatagrams) datagram(_ captures.Dir, b []byte, _ int, at Mark) bool {
	if d.c.transport.OnBinding == nil {
		return false
	}
	if lease, err := ParseDHCP(b); err == nil {
		d.c.transport.OnBinding(*lease, at)
	}
	return true
}

// ParseDHCP reads a DHCP acknowledgement (RFC 2131, options of RFC 2132 and
// RFC 3397). It fails on every other message, and where options run beyond it.
func ParseDHCP(b []byte) (*DHCPLease, error) {
	if !isDHCP(b) || b[0] != 2 || b[1] != 1 {
		return nil, errDHCP
	}
	l := &DHCPLease{MAC: captures.MAC(b[28:34]), Addr: [4]byte(b[16:20])}
	if l.Addr == [4]byte{} { // the answer to an INFORM: the client has its address
		l.Addr = [4]byte(b[12:16])
	}
	acknowledged := false
	var search []byte
	for b = b[dhcpHeader:]; len(b) > 0 && b[0] != 255; {
		if b[0] == 0 {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return nil, errDHCP
		}
		value := b[2 : 2+int(b[1])]
		switch b[0] {
		case 53:
			acknowledged = len(value) == 1 && value[0] == 5
		case 119: // may come in parts (RFC 3396)
			search = append(search, value...)
		default:
			l.option(b[0], value)
		}
		b = b[2+len(value):]
	}
	if !acknowledged {
		return nil, errDHCP
	}
	l.Search = append(l.Search, searchList(search)...)
	return l, nil
}

func (l *DHCPLease) option(code byte, value []byte) {
	switch code {
	case 1:
		if len(value) == 4 {
			l.Mask = [4]byte(value)
		}
	case 3:
		l.Routers = addresses(value)
	case 6:
		l.Resolvers = addresses(value)
	case 15:
		name := strings.ToLower(strings.Trim(string(value), "\x00. "))
		if name != "" {
			l.Search = append(l.Search, name)
		}
	}
}

func addresses(b []byte) (list [][4]byte) {
	for ; len(b) >= 4; b = b[4:] {
		list = append(list, [4]byte(b))
	}
	return list
}

// searchList reads the names of option 119, which are compressed as in DNS.
func searchList(b []byte) (list []string) {
	var name [hostNameSize]byte
	for off := 0; off < len(b) && len(list) < Limit; {
		text, next, err := appendName(name[:0], b, off)
		if err != nil {
			return list
		}
		if len(text) > 0 {
			list = append(list, string(text))
		}
		off = next
	}
	return list
}

// isDHCPv6 reports whether b is a DHCPv6 message (RFC 8415 section 8) whose
// options add up.
func isDHCPv6(b []byte) bool {
	if len(b) < 4 || b[0] < 1 || b[0] > 13 {
		return false
	}
	off := 4
	if b[0] >= 12 { // relay messages have hop count and two addresses
		off = 34
	}
	for off+4 <= len(b) {
		off += 4 + int(binary.BigEndian.Uint16(b[off+2:]))
	}
	return off == len(b)
}

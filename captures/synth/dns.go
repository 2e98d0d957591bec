package synth

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

// DNS record types (RFC 1035 section 3.2.2, RFC 3596, RFC 9460).
const (
	TypeA     = 1
	TypeCNAME = 5
	TypePTR   = 12
	TypeAAAA  = 28
	TypeHTTPS = 65
)

// DNSRecord is one answer: an address, or the name that a CNAME or PTR points to.
type DNSRecord struct {
	Name string
	Addr netip.Addr
	Data string // CNAME or PTR target where Addr is not valid
	Type uint16 // 0: A, AAAA or CNAME, by Addr
}

// DNSMessage is a query, or a response where Answers or RCode are set (RFC 1035 section 4).
type DNSMessage struct {
	ID       uint16
	Name     string
	Type     uint16
	Response bool
	RCode    uint8
	Answers  []DNSRecord
}

// Bytes returns the message in wire format, without compression.
func (m DNSMessage) Bytes() []byte {
	flags := uint16(0x0100) // recursion desired
	if m.Response {
		flags = 0x8180 | uint16(m.RCode)
	}
	b := be16(m.ID, flags, 1, uint16(len(m.Answers)), 0, 0)
	b = append(b, encodeName(m.Name)...)
	b = append(b, be16(m.Type, 1)...)
	for _, rr := range m.Answers {
		b = append(b, rr.bytes()...)
	}
	return b
}

func (rr DNSRecord) bytes() []byte {
	kind, data := rr.Type, rr.Addr.AsSlice()
	switch {
	case rr.Addr.Is4():
		kind = TypeA
	case rr.Addr.Is6():
		kind = TypeAAAA
	default:
		if kind == 0 {
			kind = TypeCNAME
		}
		data = encodeName(rr.Data)
	}
	b := append(encodeName(rr.Name), be16(kind, 1)...)
	b = binary.BigEndian.AppendUint32(b, 60) // TTL, s
	return append(b, prefixed(2, data)...)
}

func encodeName(name string) []byte {
	var b []byte
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label != "" {
			b = append(b, prefixed(1, []byte(label))...)
		}
	}
	return append(b, 0)
}

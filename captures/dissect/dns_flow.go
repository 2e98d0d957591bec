package dissect

import (
	"encoding/binary"
	"slices"

	"github.com/spanrig/spanrig/captures"
)

// dnsDatagrams reads DNS, mDNS and LLMNR over UDP.
type dnsDatagrams struct{ c *Conversation }

func (d *dnsDatagrams) datagram(dir captures.Dir, b []byte, _ int, at Mark) bool {
	d.c.dns(dir, b, at)
	return true
}

// dns takes one message into the facts. Of a message that is cut or malformed
// it takes what comes before the fault.
func (c *Conversation) dns(dir captures.Dir, b []byte, at Mark) {
	if c.facts.DNS == nil {
		c.facts.DNS = &DNS{}
	}
	var m DNSMessage
	if _, err := m.read(b); err != nil {
		c.facts.DNS.Odd++
		if len(m.Questions)+len(m.Answers) == 0 {
			return
		}
	}
	c.facts.DNS.add(&m)
	if c.transport.OnDNS != nil {
		c.transport.OnDNS(&m, dir, at)
	}
}

func (d *DNS) add(m *DNSMessage) {
	for _, q := range m.Questions {
		switch {
		case slices.Contains(d.Queries, q.Name):
		case len(d.Queries) < MaxQueries:
			d.Queries = append(d.Queries, q.Name)
		default:
			d.MoreQueries++
		}
	}
	room := min(Limit-len(d.Answers), len(m.Answers))
	d.Answers = append(d.Answers, m.Answers[:room]...)
	d.MoreAnswers += uint64(len(m.Answers) - room)
}

// looksLikeDNS reports whether a datagram is a DNS message. On a port of DNS
// it is enough that it can be one; elsewhere every byte must fit.
func looksLikeDNS(b []byte, known bool) bool {
	if len(b) < 12 {
		return false
	}
	if !known {
		return strictDNS(b)
	}
	if !plausibleCounts(b) {
		return knownClass(b)
	}
	var m DNSMessage
	_, err := m.read(b)
	return err == nil || len(m.Questions) > 0
}

// plausibleCounts reports whether the header of b promises something, but not
// more than fits in a message.
func plausibleCounts(b []byte) bool {
	sum := 0
	for i := 4; i < 12; i += 2 {
		sum += int(binary.BigEndian.Uint16(b[i:]))
	}
	return sum > 0 && sum < dnsRecordLimit
}

// strictDNS reports whether b is a DNS message from its first to its last
// byte, of a kind that clients and resolvers send.
func strictDNS(b []byte) bool {
	flags := binary.BigEndian.Uint16(b[2:])
	questions, answers := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	others := int(binary.BigEndian.Uint16(b[8:])) + int(binary.BigEndian.Uint16(b[10:]))
	response := flags&0x8000 != 0
	switch {
	case flags&0x7800 != 0, flags&0x0040 != 0, questions != 1: // a plain query, reserved bit, one question
		return false
	case !response && (answers != 0 || flags&0x000f != 0), others > dnsRecordLimit:
		return false
	}
	var m DNSMessage
	off, err := m.read(b)
	if err != nil || !hostlike(m.Questions[0].Name) || !knownClass(b) {
		return false
	}
	var name [hostNameSize]byte
	for range others {
		_, next, err := appendName(name[:0], b, off)
		if err != nil {
			return false
		}
		r, err := readRecord(b, next)
		if err != nil {
			return false
		}
		off = r.end
	}
	return off == len(b)
}

// knownClass reports whether the first question of b asks for a known type in
// the class of the Internet.
func knownClass(b []byte) bool {
	var name [hostNameSize]byte
	_, off, err := appendName(name[:0], b, 12)
	if err != nil || len(b) < off+4 {
		return false
	}
	_, known := typeNames[binary.BigEndian.Uint16(b[off:])]
	return known && binary.BigEndian.Uint16(b[off+2:])&0x7fff == 1
}

// hostlike reports whether name is of a host's length and characters.
func hostlike(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7f || name[i] == '\\' {
			return false
		}
	}
	return len(name) < hostNameSize
}

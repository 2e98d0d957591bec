package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"
)

// Errors of ParseDNS.
var (
	errDNSShort = errors.New("dns: message ends early")
	errDNSLabel = errors.New("dns: reserved kind of label")
)

const (
	dnsRecordLimit = 1024 // questions, and answers, taken from one message
	minDNSRecord   = 11   // bytes of the shortest record
	valueLimit     = 512  // bytes of a record's data that are shown as text or hex
)

// ParseDNS reads one DNS message (RFC 1035 section 4; also mDNS and LLMNR):
// header, questions and answers. The sections behind the answers are not read.
// It fails where the message ends early or a name is malformed.
func ParseDNS(b []byte) (*DNSMessage, error) {
	var m DNSMessage
	if _, err := m.read(b); err != nil {
		return nil, err
	}
	return &m, nil
}

// read fills m with what can be read before the first fault, and returns the
// offset behind the answers.
func (m *DNSMessage) read(b []byte) (int, error) {
	if len(b) < 12 {
		return 0, errDNSShort
	}
	flags := binary.BigEndian.Uint16(b[2:])
	m.ID = binary.BigEndian.Uint16(b)
	m.Response = flags&0x8000 != 0
	m.Opcode = uint8(flags >> 11 & 0xf)
	m.Truncated = flags&0x0200 != 0
	m.RCode = uint8(flags & 0xf)
	var name [hostNameSize]byte
	off := 12
	for range min(int(binary.BigEndian.Uint16(b[4:])), dnsRecordLimit) {
		text, next, err := appendName(name[:0], b, off)
		if fault, ok := err.(nameFault); ok { // it was asked, whatever it is
			m.Questions = append(m.Questions, DNSQuestion{Name: string(fault)})
		}
		if err != nil {
			return off, err
		}
		// A frame that was cut behind the name still shows what was asked.
		q := DNSQuestion{Name: string(text)}
		if len(b) >= next+2 {
			q.Type = binary.BigEndian.Uint16(b[next:])
		}
		m.Questions = append(m.Questions, q)
		if off = next + 4; off > len(b) {
			return len(b), errDNSShort
		}
	}
	answers := min(int(binary.BigEndian.Uint16(b[6:])), dnsRecordLimit)
	if answers > 0 {
		m.Answers = make([]DNSAnswer, 0, min(answers, (len(b)-off)/minDNSRecord))
	}
	for range answers {
		a, next, err := m.readAnswer(b, off)
		if err != nil {
			return off, err
		}
		m.Answers = append(m.Answers, a)
		off = next
	}
	return off, nil
}

// dnsRecord is the fixed part of a resource record; its data are b[start:end].
type dnsRecord struct {
	kind, class uint16
	start, end  int
}

// readRecord reads what follows the name of a record at off.
func readRecord(b []byte, off int) (dnsRecord, error) {
	if len(b) < off+10 {
		return dnsRecord{}, errDNSShort
	}
	r := dnsRecord{kind: binary.BigEndian.Uint16(b[off:]), class: binary.BigEndian.Uint16(b[off+2:]), start: off + 10}
	if r.end = r.start + int(binary.BigEndian.Uint16(b[off+8:])); r.end > len(b) {
		return dnsRecord{}, errDNSShort
	}
	return r, nil
}

func (m *DNSMessage) readAnswer(b []byte, off int) (DNSAnswer, int, error) {
	var name [hostNameSize]byte
	text, next, err := appendName(name[:0], b, off)
	if err != nil {
		return DNSAnswer{}, 0, err
	}
	owner := m.share(text)
	r, err := readRecord(b, next)
	if err != nil {
		return DNSAnswer{}, 0, err
	}
	a := DNSAnswer{Name: owner, Type: r.kind}
	a.readValue(b, r)
	return a, r.end, nil
}

// share returns text as a string, without a copy where the record before, or
// the question, has the same name.
func (m *DNSMessage) share(text []byte) string {
	if n := len(m.Answers); n > 0 && m.Answers[n-1].Name == string(text) {
		return m.Answers[n-1].Name
	}
	if len(m.Questions) > 0 && m.Questions[0].Name == string(text) {
		return m.Questions[0].Name
	}
	return string(text)
}

// readValue fills what depends on the type. Data that do not fit their type are
// shown as hex.
func (a *DNSAnswer) readValue(b []byte, r dnsRecord) {
	rdata := b[r.start:r.end]
	shown := rdata[:min(len(rdata), valueLimit)]
	switch {
	case r.kind == typeA && len(rdata) == 4, r.kind == typeAAAA && len(rdata) == 16:
		a.Addr, _ = netip.AddrFromSlice(rdata)
		a.Data = a.Addr.String()
		return
	case r.kind == typeTXT:
		if text, ok := joinStrings(rdata); ok {
			a.Data = text
			return
		}
	case r.kind == typeSVCB || r.kind == typeHTTPS:
		a.ECH = hasECH(b[:r.end], r.start)
	}
	skip, named := nameAt(r.kind)
	if named && len(rdata) > skip {
		var name [hostNameSize]byte
		if text, _, err := appendName(name[:0], b[:r.end], r.start+skip); err == nil {
			a.Data = string(text)
			return
		}
	}
	a.Data = hex.EncodeToString(shown)
}

// nameAt says where in the data of a record its name begins.
func nameAt(kind uint16) (skip int, named bool) {
	switch kind {
	case typeCNAME, typeNS, typePTR, typeDNAME:
		return 0, true
	case typeMX:
		return 2, true
	case typeSRV:
		return 6, true
	}
	return 0, false
}

// hasECH reports whether the SVCB or HTTPS record (RFC 9460) whose data begin
// at off and end with b has the parameter ech (RFC 9848), key 5.
func hasECH(b []byte, off int) bool {
	if off+2 > len(b) {
		return false
	}
	var name [hostNameSize]byte
	_, off, err := appendName(name[:0], b, off+2)
	for err == nil && off+4 <= len(b) {
		key := binary.BigEndian.Uint16(b[off:])
		if key == 5 {
			return true
		}
		off += 4 + int(binary.BigEndian.Uint16(b[off+2:]))
	}
	return false
}

// joinStrings joins the character strings of a TXT record, of a long one the first.
func joinStrings(b []byte) (string, bool) {
	var text []byte
	for len(b) > 0 && len(text) < valueLimit {
		n := int(b[0])
		if len(b) < 1+n {
			return "", false
		}
		text = appendText(text, b[1:1+n], false)
		b = b[1+n:]
	}
	return string(text), true
}

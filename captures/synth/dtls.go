package synth

import "net/netip"

// DTLS versions (RFC 6347 section 4.1).
const (
	DTLS10 = 0xfeff
	DTLS12 = 0xfefd
)

// DTLS exchanges data over DTLS of the given version, which has no cookie
// round trip here (RFC 6347 section 4.2.1 leaves it to the server).
func (m Moment) DTLS(addr string, port, version uint16) Moment {
	to := netip.MustParseAddr(addr)
	src, dst := m.source(to), netip.AddrPortFrom(to, port)
	d := datagrams{version: version}
	client := concat(be16(version), noise("dtls client", 32), []byte{0, 0}, prefixed(2, be16(0xc02b, 0xc013)), []byte{1, 0},
		prefixed(2, concat(extension(10, prefixed(2, be16(0x001d))), extension(11, []byte{1, 0}))))
	suite := uint16(0xc02b)
	if version == DTLS10 {
		suite = 0xc013
	}
	server := concat(be16(version), noise("dtls server", 32), []byte{0}, be16(suite), []byte{0})
	m = m.DatagramFrom(src, dst, d.message(0, 1, client), concat(d.message(1, 2, server), d.message(2, 14, nil)))
	m = m.DatagramFrom(src, dst, concat(d.message(3, 16, prefixed(1, noise("dtls point", 32))), d.record(recordCCS, 0, []byte{1}), d.record(recordHandshake, 1, noise("dtls finished", 40))),
		concat(d.record(recordCCS, 0, []byte{1}), d.record(recordHandshake, 1, noise("dtls server finished", 40))))
	return m.DatagramFrom(src, dst, d.record(recordData, 1, noise("dtls data", 120)), d.record(recordData, 1, noise("dtls answer", 300)))
}

// datagrams numbers the records of one DTLS association, both directions together.
type datagrams struct {
	version uint16
	records uint16
}

// record returns one DTLS record of an epoch.
func (d *datagrams) record(kind uint8, epoch uint16, body []byte) []byte {
	d.records++
	return concat([]byte{kind}, be16(d.version, epoch, 0, 0, d.records), prefixed(2, body))
}

// message returns an unfragmented handshake message in a record of its own.
func (d *datagrams) message(number uint16, kind uint8, body []byte) []byte {
	length := prefixed(3, body)[:3]
	return d.record(recordHandshake, 0, concat([]byte{kind}, length, be16(number), []byte{0, 0, 0}, length, body))
}

package dissect

import "github.com/spanrig/spanrig/captures"

const (
	dtlsHeading        = 13 // bytes of a record header up to DTLS 1.2 (RFC 6347 section 4.1)
	dtlsMessageHeading = 12 // RFC 6347 section 4.2.2
	dtlsAssemblyLimit  = 4  // messages that are put together at a time, by direction
	maskedDataSize     = 64 // bytes beyond which a record of a hidden type is no alert or acknowledgement
)

// dtlsFlow reads the datagrams of one DTLS association. The zero value is ready.
type dtlsFlow struct {
	handshake
	sides [2]dtlsSide
}

type dtlsSide struct {
	parts  []dtlsMessage
	done   uint64 // message numbers below 64 that were read
	masked bool   // a record with a connection ID, which hides its type, was seen: Finished
}

// dtlsMessage is a handshake message whose fragments are being collected.
type dtlsMessage struct {
	pieces
	kind uint8
	seq  uint16
	size int
	at   Mark
}

// dtlsRecord is a record of DTLS 1.2 or older.
type dtlsRecord struct {
	kind  uint8
	epoch uint16
	body  []byte
	size  int // of the body; len(body) < size where the frame was cut
}

// looksLikeDTLS recognises a DTLS record in the clear, or one that is encrypted
// under DTLS 1.2 or older. The short headers of DTLS 1.3 say too little.
func looksLikeDTLS(b []byte) bool {
	if len(b) < dtlsHeading+1 || b[0] < recordCCS || b[0] > recordCID || b[0] == recordHeartbeat || !isDTLSVersion(b[1], b[2]) {
		return false
	}
	size := int(b[11])<<8 | int(b[12])
	epoch := int(b[3])<<8 | int(b[4])
	switch {
	case b[0] == recordCID:
		return epoch > 0 // its length is behind the connection ID
	case size == 0 || size > protectedLimit:
		return false
	case epoch == 0 && b[0] == recordHandshake:
		return size >= dtlsMessageHeading && b[13] <= 24
	case epoch == 0:
		return b[0] == recordCCS && size == 1 || b[0] == recordAlert && size == 2
	}
	return true
}

func isDTLSVersion(major, minor byte) bool {
	return major == 0xfe && minor >= 0xfc || major == 1 && minor == 0
}

// datagram reads one datagram and reports whether it was DTLS.
func (f *dtlsFlow) datagram(dir captures.Dir, b []byte, at Mark) bool {
	if !looksLikeDTLS(b) && !(f.seen && f.isUnified(b)) {
		return false
	}
	for len(b) > 0 {
		if f.isUnified(b) {
			f.unified(dir, b)
			break // where its length is given, only more of its kind can follow
		}
		var r dtlsRecord
		var ok bool
		if r, b, ok = f.record(dir, b); !ok {
			break
		}
		f.take(dir, &r, at)
	}
	return true
}

// record cuts one record off b.
func (f *dtlsFlow) record(dir captures.Dir, b []byte) (r dtlsRecord, rest []byte, ok bool) {
	if len(b) < dtlsHeading || !isDTLSVersion(b[1], b[2]) {
		return r, nil, false
	}
	c := cursor{b: b}
	r.kind = c.u8()
	c.u16()
	r.epoch = c.u16()
	c.bytes(6)
	if r.kind == recordCID {
		n := f.cid[dir.Reverse()] // each side sends what the other asked for
		if n == 0 {
			return r, nil, true // its length is unknown: the rest is one record
		}
		c.bytes(int(n - 1))
	}
	r.size = int(c.u16())
	r.body = c.bytes(min(r.size, len(c.b)))
	return r, c.b, !c.bad
}

// take looks into one record.
func (f *dtlsFlow) take(dir captures.Dir, r *dtlsRecord, at Mark) {
	f.seen = true
	switch {
	case r.kind == recordHandshake && r.epoch == 0:
		f.fragments(dir, r.body, at)
	case r.kind == recordAlert && r.epoch == 0 && len(r.body) == 2:
		f.alert(Alert{From: dir, Level: r.body[0], Code: r.body[1], At: at})
	case r.kind == recordAlert && r.epoch > 0:
		f.alert(Alert{From: dir, Encrypted: true, At: at})
	case r.kind == recordData && r.epoch > 0:
		f.own.AppData[dir]++
	case r.kind == recordCID:
		side := &f.sides[dir]
		if side.masked && r.size > maskedDataSize {
			f.own.AppData[dir]++
		}
		side.masked = true
	}
}

// fragments reads the handshake messages of a record, or parts of them.
func (f *dtlsFlow) fragments(dir captures.Dir, b []byte, at Mark) {
	c := cursor{b: b}
	for len(c.b) > 0 {
		kind, size, seq := c.u8(), c.u24(), c.u16()
		offset, length := c.u24(), c.u24()
		body := c.bytes(length)
		if c.bad || size > handshakeLimit || offset+length > size {
			return
		}
		side := &f.sides[dir]
		if seq < 64 && side.done&(1<<seq) != 0 {
			continue // a retransmission
		}
		if length < size {
			m := side.assembly(kind, seq, size, at)
			m.add(offset, body, size)
			if body, at = m.head(0), m.at; len(body) < size {
				continue
			}
			side.drop(m)
		}
		if seq < 64 {
			side.done |= 1 << seq
		}
		f.message(dir, CarrierDTLS, kind, body, at)
	}
}

// assembly returns the message that a fragment belongs to, at the cost of the
// oldest where there are too many.
func (s *dtlsSide) assembly(kind uint8, seq uint16, size int, at Mark) *dtlsMessage {
	for i := range s.parts {
		if m := &s.parts[i]; m.seq == seq && m.kind == kind && m.size == size {
			return m
		}
	}
	if len(s.parts) == dtlsAssemblyLimit {
		s.parts = append(s.parts[:0], s.parts[1:]...)
	}
	s.parts = append(s.parts, dtlsMessage{seq: seq, kind: kind, size: size, at: at})
	return &s.parts[len(s.parts)-1]
}

func (s *dtlsSide) drop(done *dtlsMessage) {
	for i := range s.parts {
		if &s.parts[i] == done {
			s.parts = append(s.parts[:i], s.parts[i+1:]...)
			return
		}
	}
}

// isUnified recognises the header of encrypted records of DTLS 1.3 (RFC 9147 section 4).
func (f *dtlsFlow) isUnified(b []byte) bool {
	return len(b) > 0 && b[0]&0xe0 == 0x20 && f.hidden()
}

// unified counts a record of DTLS 1.3. Its type is hidden; epoch 3 holds
// application data, acknowledgements, tickets and alerts. What is long and
// comes from the client is data.
func (f *dtlsFlow) unified(dir captures.Dir, b []byte) {
	f.seen = true
	if epoch := b[0] & 3; epoch == 3 && dir == f.client && len(b) > maskedDataSize {
		f.own.AppData[dir]++
	}
}

package dissect

import "github.com/spanrig/spanrig/captures"

const (
	handshakeLimit = 64 << 10  // bytes of a handshake message that is kept together
	readLimit      = 512 << 10 // bytes of a direction that are read; then peek is enough

	plainAlertSize  = 2   // bytes: level and description
	sealedAlertSize = 128 // bytes that an encrypted alert of TLS 1.2 and older has at most, padding included
)

// tlsStream reads the TLS records of both directions of one TCP flow. It holds
// no record but parts of handshake messages, and skips what is encrypted.
type tlsStream struct {
	handshake
	sides [2]tlsSide
}

// tlsSide is one direction of a tlsStream.
type tlsSide struct {
	heading   [recordHeading]byte // of the record that is being read
	have      uint8               // bytes of heading so far
	kind      uint8               // of the record
	size      int                 // of its body, bytes
	left      int                 // bytes of it still to come
	alert     [plainAlertSize]byte
	at        Mark // where it began
	begun     bool // a record was read
	protected bool // the key change of TLS 1.2 and older was seen
	lost      bool // bytes are missing: the next record must be found
	dead      bool // what came was no record: this is not TLS any more
	adrift    bool // what remains of the record is in the middle of a message
	ssl2      bool // the record is a hello of SSL 2.0
	done      bool // reading on cannot change the facts
	read      int  // bytes so far

	part   []byte // of a handshake message
	partAt Mark
	skip   int // bytes of a message that is too long

	hiddenSide
}

func newTLSStream() *tlsStream { return &tlsStream{} }

// wants reports whether dir is worth reassembling; once false it stays false.
func (s *tlsStream) wants(dir captures.Dir) bool { return !s.sides[dir].done }

// feed reads the next bytes of a direction.
func (s *tlsStream) feed(dir captures.Dir, b []byte, at Mark) {
	side := &s.sides[dir]
	side.read += len(b)
	if side.lost && !side.found(b) {
		b = nil
	}
	for len(b) > 0 && !side.dead {
		if side.left == 0 {
			b = s.header(dir, b, at)
			continue
		}
		n := min(len(b), side.left)
		s.body(dir, b[:n], at)
		side.left -= n
		b = b[n:]
	}
	if side.read > readLimit || side.dead || s.own.AppData[dir] > 0 {
		side.done, side.part = true, nil
	}
}

// found takes up reading again where a segment begins with a record.
func (side *tlsSide) found(b []byte) bool {
	if len(b) < recordHeading {
		return false
	}
	n, ok := recordLength(b)
	side.lost = !ok || n == 0
	return !side.lost
}

// header reads the header of a record, or the next part of it, and returns the rest.
func (s *tlsStream) header(dir captures.Dir, b []byte, at Mark) []byte {
	side := &s.sides[dir]
	if side.have == 0 {
		side.at = at
	}
	n := copy(side.heading[side.have:], b)
	side.have += uint8(n)
	b = b[n:]
	if side.have < recordHeading {
		return b
	}
	side.have = 0
	n, ok := recordLength(side.heading[:])
	switch {
	case ok:
		side.kind, side.size, side.left = side.heading[0], n, n
		s.open(dir, n)
	case !side.begun && looksLikeSSL2(side.heading[:]) != no:
		side.kind, side.ssl2 = recordHandshake, true
		side.left = max(ssl2Length(side.heading[:])-(recordHeading-ssl2Heading), 0)
		side.part, side.partAt = append(side.part[:0], side.heading[ssl2Heading:]...), side.at
	default:
		side.dead = true
	}
	side.begun = true
	return b
}

// open takes in a record by its header; n is the length of its body.
func (s *tlsStream) open(dir captures.Dir, n int) {
	side := &s.sides[dir]
	switch side.kind {
	case recordCCS:
		s.seen = true
		side.protected = true
	case recordHandshake:
		if side.adrift {
			side.part, side.skip, side.adrift = nil, 0, false
		}
	case recordAlert:
		side.alert = [plainAlertSize]byte{}
		if n != plainAlertSize {
			s.alert(Alert{From: dir, Encrypted: true, At: side.at})
		}
	case recordData:
		s.dataRecord(dir, n, side.at)
	}
}

// body reads a part of the body of a record.
func (s *tlsStream) body(dir captures.Dir, b []byte, at Mark) {
	side := &s.sides[dir]
	switch {
	case side.ssl2:
		if side.part = append(side.part, b...); len(b) == side.left {
			s.ssl2Hello(dir, side.part, side.partAt)
			side.part, side.ssl2 = nil, false
		}
	case side.kind == recordHandshake && !side.adrift && !s.scrambled(dir):
		s.messages(dir, b, at)
	case side.kind == recordAlert && side.size == plainAlertSize:
		copy(side.alert[side.size-side.left:], b)
		if len(b) == side.left {
			s.plainAlert(dir)
		}
	}
}

// plainAlert takes in an alert in the clear.
func (s *tlsStream) plainAlert(dir captures.Dir) {
	side := &s.sides[dir]
	a := Alert{From: dir, Level: side.alert[0], Code: side.alert[1], At: side.at}
	if a.Level == 1 || a.Level == 2 {
		s.handshake.alert(a)
	}
}

// scrambled reports whether handshake records of dir are encrypted: after the
// key change, which in TLS 1.3 is but a gesture (RFC 8446 appendix D.4), and
// among application data.
func (s *tlsStream) scrambled(dir captures.Dir) bool {
	return s.own.AppData[dir] > 0 || s.sides[dir].protected && !s.hidden()
}

// messages reads handshake messages, which records may hold several of, or parts.
func (s *tlsStream) messages(dir captures.Dir, b []byte, at Mark) {
	side := &s.sides[dir]
	if side.skip > 0 {
		n := min(side.skip, len(b))
		side.skip -= n
		b = b[n:]
	}
	if len(side.part) > 0 {
		side.part = append(side.part, b...)
		b, at = side.part, side.partAt
	}
	for len(b) >= handshakeHeading {
		n := handshakeHeading + u24(b[1:])
		if n > handshakeLimit {
			side.skip = max(n-len(b), 0)
			b = b[min(n, len(b)):]
			continue
		}
		if len(b) < n {
			break
		}
		s.message(dir, CarrierTLS, b[0], b[handshakeHeading:n], at)
		b = b[n:]
	}
	switch {
	case len(b) == 0:
		side.part = nil
	default:
		side.part, side.partAt = append(side.part[:0], b...), at
	}
}

// gap says that n bytes were lost.
func (s *tlsStream) gap(dir captures.Dir, n uint64) {
	side := &s.sides[dir]
	if side.left > 0 && n <= uint64(side.left) && !side.ssl2 {
		if side.kind == recordHandshake {
			side.adrift = true
		}
		side.left -= int(n)
		return
	}
	side.lose()
}

func (side *tlsSide) lose() {
	side.lost, side.adrift, side.ssl2 = true, true, false
	side.have, side.left, side.part, side.skip = 0, 0, nil, 0
}

// peek looks for records in a segment, which may begin anywhere in one.
func (s *tlsStream) peek(dir captures.Dir, segment []byte, at Mark) {
	for len(segment) >= recordHeading {
		n, ok := recordLength(segment)
		if !ok || n == 0 {
			return
		}
		side, body := &s.sides[dir], segment[recordHeading:]
		switch segment[0] {
		case recordData:
			s.dataRecord(dir, n, at)
		case recordAlert:
			if n == plainAlertSize && len(body) >= plainAlertSize {
				side.alert, side.at = [plainAlertSize]byte(body), at
				s.plainAlert(dir)
			} else if n > plainAlertSize && n <= sealedAlertSize {
				s.alert(Alert{From: dir, Encrypted: true, At: at})
			}
		}
		segment = body[min(n, len(body)):]
	}
}

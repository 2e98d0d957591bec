package dissect

import (
	"slices"

	"github.com/spanrig/spanrig/captures"
)

// In TLS 1.3 everything behind the ServerHello travels in records of type 23:
// messages, alerts and application data alike (RFC 8446 section 5.2). What
// they hold is reasoned out from their lengths and their order. Only what can
// be nothing else is called application data.
const (
	hiddenOverhead = 1 + 16 // bytes: inner type and tag
	hiddenAlert    = 2 + hiddenOverhead
	hiddenUpdate   = 5 + hiddenOverhead // KeyUpdate
	hiddenEnd      = 4 + hiddenOverhead // EndOfEarlyData
	noCertificate  = 8                  // bytes of a client's empty Certificate, where it shares a record with Finished

	flightLimit  = 3    // records in which a client's Certificate, CertificateVerify and Finished fit
	ticketLimit  = 4    // NewSessionTickets that a server sends at once
	ticketLength = 1024 // bytes of their records
)

// hiddenSide is what is known of one direction behind the hellos.
type hiddenSide struct {
	turns    uint8 // times that it spoke after the other side
	records  uint8 // of a client's flight
	tickets  uint8 // records that may hold tickets
	alerts   uint8 // records of an alert's length since the last longer one
	finished bool  // the client's flight is over
	first    Mark  // frame of its first record
	last     Mark  // frame of its latest record
}

// dataRecord takes in a record of type 23 by the length of its body.
func (s *tlsStream) dataRecord(dir captures.Dir, n int, at Mark) {
	s.seen = true
	switch {
	case !s.hidden():
		s.own.AppData[dir]++
	case n == hiddenAlert:
		s.hiddenAlert(dir, at)
	default:
		s.own.AppData[dir] += s.recall(dir)
		if n != hiddenUpdate && s.certain(dir, n, at) {
			s.own.AppData[dir]++
		}
	}
}

// hiddenAlert notes a record of an alert's length. Two bytes of application
// data look the same, until something follows them.
func (s *tlsStream) hiddenAlert(dir captures.Dir, at Mark) {
	if len(s.own.Alerts) < alertLimit {
		s.sides[dir].alerts++
	}
	s.alert(Alert{From: dir, Encrypted: true, At: at})
}

// recall takes back what seemed to be alerts of dir: nothing follows an alert
// that ends a connection. It returns how many there were.
func (s *tlsStream) recall(dir captures.Dir) uint64 {
	n := s.sides[dir].alerts
	if n == 0 {
		return 0
	}
	s.own.Alerts = slices.DeleteFunc(s.own.Alerts, func(a Alert) bool { return a.Encrypted && a.From == dir })
	s.sides[dir].alerts = 0
	return uint64(n)
}

// certain reports whether a record can be neither message nor ticket.
func (s *tlsStream) certain(dir captures.Dir, n int, at Mark) bool {
	known := s.own.Hello || s.own.ServerHello
	if known && dir == s.client {
		return s.clientCertain(n, at)
	}
	s.turn(dir, at)
	side, other := &s.sides[dir], &s.sides[dir.Reverse()]
	switch {
	case !known:
		return side.turns > 2 // its flight, then tickets or Finished, then data
	case other.turns == 0 || at.Frame <= other.first.Frame:
		return false // the server's flight
	case s.own.AppData[dir] > 0 || n > ticketLength:
		return true
	}
	side.tickets++
	return side.tickets > ticketLimit
}

// clientCertain follows the client's flight: 0-RTT data before the ServerHello,
// then Certificate and CertificateVerify where the server asked for them, and
// Finished, which is known by its length. It is over at the latest when the
// client speaks again after an answer.
func (s *tlsStream) clientCertain(n int, at Mark) bool {
	side, end := &s.sides[s.client], s.isFinished(n)
	switch {
	case side.finished:
		return true
	case s.early && n == hiddenEnd:
		return false
	case s.early && !end && !s.own.ServerHello:
		return true
	}
	s.turn(s.client, at)
	side.records++
	side.finished = end || side.turns > 1 || side.records > flightLimit
	return side.finished && !end
}

// turn counts how often a side speaks after the other, by the frames: what is
// fed may come late.
func (s *tlsStream) turn(dir captures.Dir, at Mark) {
	side, other := &s.sides[dir], &s.sides[dir.Reverse()]
	if side.turns == 0 {
		side.first, side.turns = at, 1
	} else if other.last.Frame > side.last.Frame && at.Frame > other.last.Frame && side.turns < 255 {
		side.turns++
	}
	side.last = at
}

// isFinished reports whether a record has the length of a Finished message,
// alone or behind an empty Certificate. Its hash is that of the suite.
func (s *tlsStream) isFinished(n int) bool {
	const short, long = 4 + 32 + hiddenOverhead, 4 + 48 + hiddenOverhead
	sha384 := s.own.Cipher == 0x1302 // TLS_AES_256_GCM_SHA384
	known := s.own.ServerHello
	return (n == short || n == short+noCertificate) && !(known && sha384) ||
		(n == long || n == long+noCertificate) && (!known || sha384)
}

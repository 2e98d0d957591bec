package synth

import (
	"net/netip"
	"time"
)

// Talk is one TCP connection. Each method sends frames and moves the Talk's
// own clock on; other Talks may run at the same time.
type Talk struct {
	m          Moment
	orig, resp netip.AddrPort
	next       [2]uint32 // sequence number of the next byte, originator first
	rtt        time.Duration
	hello      Hello
	records    int
}

const segmentSize = 1400 // bytes of payload, below any usual MSS

// Wait lets d pass in silence.
func (t *Talk) Wait(d time.Duration) *Talk {
	t.m = t.m.After(d)
	return t
}

// Until lets time pass until moment m.
func (t *Talk) Until(m Moment) *Talk {
	t.m.at = m.at
	return t
}

// SYN sends the opening segment and nothing more.
func (t *Talk) SYN() *Talk {
	t.segment(0, SYN, nil)
	t.next[0]++
	return t
}

// Open does the three-way handshake.
func (t *Talk) Open() *Talk {
	t.SYN().half()
	t.segment(1, SYN|ACK, nil)
	t.next[1]++
	t.half().segment(0, ACK, nil)
	return t
}

// Refused answers the SYN with a RST.
func (t *Talk) Refused() *Talk {
	t.SYN().half()
	t.segment(1, RST|ACK, nil)
	return t
}

// Send carries b from the originator to the responder, which acknowledges it.
func (t *Talk) Send(b []byte) *Talk { return t.carry(0, b) }

// Reply carries b the other way.
func (t *Talk) Reply(b []byte) *Talk { return t.carry(1, b) }

func (t *Talk) carry(side int, b []byte) *Talk {
	for len(b) > 0 {
		n := min(len(b), segmentSize)
		t.segment(side, PSH|ACK, b[:n])
		t.next[side] += uint32(n)
		b = b[n:]
		t.half().segment(1-side, ACK, nil)
	}
	return t.half()
}

// Lose acknowledges n bytes of the originator that the mirror never showed.
func (t *Talk) Lose(n int) *Talk {
	t.next[0] += uint32(n)
	t.half().segment(1, ACK, nil)
	return t.half()
}

// Unacknowledged sends b from the originator to a responder that is gone.
func (t *Talk) Unacknowledged(b []byte) *Talk {
	t.segment(0, PSH|ACK, b)
	return t.half()
}

// Close ends the connection from the originator's side.
func (t *Talk) Close() *Talk {
	t.FIN().half()
	t.segment(1, FIN|ACK, nil)
	t.next[1]++
	t.half().segment(0, ACK, nil)
	return t
}

// FIN is sent by the originator alone.
func (t *Talk) FIN() *Talk {
	t.segment(0, FIN|ACK, nil)
	t.next[0]++
	return t
}

// Reset is sent by the originator.
func (t *Talk) Reset() *Talk {
	t.segment(0, RST|ACK, nil)
	return t
}

// KeepAlive probes from the originator with no payload (RFC 9293 section 3.8.4).
func (t *Talk) KeepAlive() *Talk {
	t.next[0]--
	t.segment(0, ACK, nil)
	t.next[0]++
	t.half().segment(1, ACK, nil)
	return t.half()
}

// Handshake completes a TLS handshake and sends n bytes of application data,
// answered by three times as much.
func (t *Talk) Handshake(h Hello, n int) *Talk {
	t.hello = h
	t.Send(h.clientFirst()).Reply(h.serverFirst()).Send(h.clientSecond())
	if last := h.serverSecond(); last != nil {
		t.Reply(last)
	}
	return t.Data(n)
}

// Data sends n bytes of application data in a TLS record, answered by three times as much.
func (t *Talk) Data(n int) *Talk {
	return t.Send(t.record(n)).Reply(t.record(3 * n))
}

// Alert sends one encrypted TLS 1.3 alert: 24 bytes on the wire.
func (t *Talk) Alert() *Talk { return t.Send(t.record(19)) }

func (t *Talk) record(n int) []byte {
	t.records++
	return t.hello.data(n, string(rune('a'+t.records)))
}

// Now is the moment that the Talk has reached.
func (t *Talk) Now() Moment { return t.m }

func (t *Talk) half() *Talk { return t.Wait(t.rtt / 2) }

func (t *Talk) segment(side int, flags uint8, payload []byte) {
	s := Segment{Src: t.orig, Dst: t.resp, Seq: t.next[side], Flags: flags, Payload: payload}
	if side == 1 {
		s.Src, s.Dst = s.Dst, s.Src
	}
	if flags&ACK != 0 {
		s.Ack = t.next[1-side]
	}
	t.m.r.packet(t.m.at, s.Src.Addr(), s.Dst.Addr(), protoTCP, TCP(s))
	t.m.at = t.m.at.Add(50 * time.Microsecond)
}

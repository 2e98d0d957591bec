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
	last       []byte // what the originator sent last
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
	if side == 0 {
		t.last = b
	}
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

// KeepAlive probes from the originator without payload; the byte before the
// next one is asked for again (RFC 9293 section 3.8.4).
func (t *Talk) KeepAlive() *Talk { return t.probe(nil) }

// KeepAliveByte probes with one byte of garbage, as older systems do.
func (t *Talk) KeepAliveByte() *Talk { return t.probe([]byte{0}) }

func (t *Talk) probe(garbage []byte) *Talk {
	t.next[0]--
	t.segment(0, ACK, garbage)
	t.next[0]++
	t.half().segment(1, ACK, nil)
	return t.half()
}

// Handshake completes a TLS handshake and sends n bytes of application data,
// answered by three times as much.
func (t *Talk) Handshake(h Hello, n int) *Talk {
	t.hello = h
	t.Send(h.clientFirst())
	if h.Retry {
		t.Reply(h.retryRequest()).Send(h.clientFirst())
	}
	t.Reply(h.serverFirst()).Send(h.clientSecond())
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

// Repeat retransmits what the originator sent last.
func (t *Talk) Repeat() *Talk {
	t.next[0] -= uint32(len(t.last))
	return t.carry(0, t.last)
}

// Stray is a late segment of a connection that the originator has long
// forgotten, and the RST that it gets.
func (t *Talk) Stray() *Talk {
	t.segment(1, PSH|ACK, noise("stray", 40))
	t.next[1] += 40
	return t.Wait(time.Millisecond).Reset()
}

// SendCut is Send of one segment of which the capture holds n bytes of payload.
func (t *Talk) SendCut(b []byte, n int) *Talk {
	t.segment(0, PSH|ACK, b)
	t.next[0] += uint32(len(b))
	last := &t.m.r.frames[len(t.m.r.frames)-1]
	last.data = last.data[:len(last.data)-len(b)+n]
	t.half().segment(1, ACK, nil)
	return t.half()
}

// Rejected is a handshake that the server ends with a fatal alert.
func (t *Talk) Rejected(h Hello) *Talk {
	const handshakeFailure = 40
	return t.Send(h.clientFirst()).Reply(Record(recordAlert, TLS12, []byte{2, handshakeFailure})).Close()
}

// HandshakeCut is Handshake where the capture cut the ClientHello after n bytes.
func (t *Talk) HandshakeCut(h Hello, n int) *Talk {
	t.hello = h
	return t.SendCut(h.clientFirst(), n).Reply(h.serverFirst()).Send(h.clientSecond()).Data(100)
}

// DataCut sends a record of n bytes of application data, of which the capture
// holds the first keep.
func (t *Talk) DataCut(n, keep int) *Talk { return t.SendCut(t.record(n), keep) }

// Plain sends n bytes that no protocol explains, answered by as many.
func (t *Talk) Plain(n int) *Talk {
	return t.Send(noise("plain", n)).Reply(noise("plain answer", n))
}

// Bulk exchanges n records of application data, each acknowledged; every
// lost-th record never shows in the capture, none where lost is 0.
func (t *Talk) Bulk(n, lost int) *Talk {
	for i := 1; i <= n; i++ {
		if lost > 0 && i%lost == 0 {
			t.Lose(105)
			continue
		}
		t.Send(t.record(100))
	}
	return t
}

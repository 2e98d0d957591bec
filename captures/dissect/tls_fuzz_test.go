package dissect

import (
	"reflect"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// FuzzHellos: a value or an error, from each parser.
func FuzzHellos(f *testing.F) {
	f.Add(fromHex(f, rfc8448ClientHello))
	f.Add(fromHex(f, rfc8448ServerHello))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := ParseClientHello(b); err != nil && !reflect.DeepEqual(h, ClientHello{}) {
			t.Errorf("client hello %+v and error %v", h, err)
		} else if err == nil {
			if ja3, ja4 := h.JA3(), h.JA4(CarrierTLS); len(ja3) != 32 || len(ja4) != 36 {
				t.Errorf("JA3 %q, JA4 %q", ja3, ja4)
			}
		}
		if h, err := ParseServerHello(b); err != nil && h != (ServerHello{}) {
			t.Errorf("server hello %+v and error %v", h, err)
		}
		if list := ParseCertificates(b); len(list) > certificateLimit {
			t.Errorf("%d certificates", len(list))
		}
	})
}

// FuzzTLSStream reads a stream whole and in pieces, with the same facts.
func FuzzTLSStream(f *testing.F) {
	hello, answer := tlsRecord(recordHandshake, string(fromHex(f, rfc8448ClientHello))), tlsRecord(recordHandshake, string(fromHex(f, rfc8448ServerHello)))
	f.Add([]byte{201, 95, 255}, []byte(hello+answer+hidden(53)+hidden(19)+hidden(100)), uint16(7))
	f.Add([]byte{201, 7}, []byte(hello+tlsRecord(recordAlert, "\x02\x28")), uint16(3))
	f.Add([]byte{30}, []byte("\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f0123456789abcdef"), uint16(1))
	f.Fuzz(func(t *testing.T, plan, text []byte, piece uint16) {
		turns := turnsOf(plan, text)
		want := read(turns, whole)
		if got := read(turns, func() int { return int(piece%200) + 1 }); !reflect.DeepEqual(got, want) {
			t.Errorf("in pieces %+v\nwhole %+v", got, want)
		}
		s := newTLSStream()
		for i, x := range turns {
			b := []byte(x.text)
			switch at := (Mark{Frame: captures.FrameID(i)}); (int(piece) + i) % 4 {
			case 0:
				s.gap(x.dir, uint64(len(b)))
			case 1:
				s.peek(x.dir, b, at)
			default:
				s.feed(x.dir, b, at)
			}
			for d := range s.sides {
				if n := len(s.sides[d].part); n > handshakeLimit+protectedLimit {
					t.Fatalf("holds %d bytes", n)
				}
			}
		}
	})
}

// FuzzDTLS feeds a flow of datagrams.
func FuzzDTLS(f *testing.F) {
	hello := dtlsHello(f)
	f.Add([]byte{120, 0, 255}, []byte(dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 0, 95))+
		dtlsPacket(recordHandshake, 0, dtlsFragment(typeClientHello, 0, hello, 95, len(hello)))))
	f.Fuzz(func(t *testing.T, plan, text []byte) {
		var flow dtlsFlow
		for _, x := range turnsOf(plan, text) {
			flow.datagram(x.dir, []byte(x.text), Mark{})
		}
		for _, side := range flow.sides {
			for _, m := range side.parts {
				if len(m.b) > handshakeLimit || len(m.spans) > spanLimit {
					t.Errorf("holds %d bytes in %d spans", len(m.b), len(m.spans))
				}
			}
		}
	})
}

// FuzzQUIC feeds a flow of datagrams, and the same bytes as the frames of an
// Initial packet, where protection would keep the fuzzer out.
func FuzzQUIC(f *testing.F) {
	client := vector(f, "rfc9001-client-initial")
	f.Add([]byte{255, 0, 255, 0, 255, 0, 255, 0, 180}, client)
	f.Add([]byte{255}, vector(f, "rfc9369-server-initial"))
	for _, frame := range cryptoFrames(fromHex(f, rfc8448ClientHello), 100) {
		f.Add([]byte{100}, frame)
	}
	f.Add([]byte{100}, []byte("\x0912345678Q043\x01CHLO\x01\x00\x00\x00SNI\x00\x01\x00\x00\x00a"))
	f.Fuzz(func(t *testing.T, plan, text []byte) {
		var q quicFlow
		for _, x := range turnsOf(plan, text) {
			if q.datagram(x.dir, []byte(x.text), len(x.text), Mark{}) && q.facts() == nil {
				t.Error("QUIC without facts")
			}
		}
		q.frames(captures.Orig, quic1, text, Mark{})
		q.frames(captures.Resp, googleQ050, text, Mark{})
		for _, s := range q.streams {
			if len(s.b) > cryptoLimit || len(s.spans) > spanLimit {
				t.Errorf("holds %d bytes in %d spans", len(s.b), len(s.spans))
			}
		}
	})
}

// FuzzPieces holds the reassembly against a map of bytes.
func FuzzPieces(f *testing.F) {
	f.Add([]byte("\x03\x02\x00\x04\x07\x01\x05\x03"))
	f.Fuzz(func(t *testing.T, plan []byte) {
		const limit = 200
		var p pieces
		var want [limit]int // 1 + value
		for i := 0; i+1 < len(plan); i += 2 {
			from, b := int(plan[i]), make([]byte, plan[i+1]%32)
			for j := range b {
				b[j] = byte(i)
				if at := from + j; at < limit && want[at] == 0 && len(p.spans) < spanLimit-1 {
					want[at] = 1 + i&0xff
				}
			}
			if len(p.spans) < spanLimit-1 {
				p.add(from, b, limit)
			}
		}
		for at := range limit {
			head := p.head(at)
			if (len(head) > 0) != (want[at] > 0) || len(head) > 0 && int(head[0]) != want[at]-1 {
				t.Fatalf("at %d: %v, want %d", at, head, want[at]-1)
			}
		}
	})
}

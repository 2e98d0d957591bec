package dissect

import "encoding/binary"

// RTP has no mark of its own: a flow is called so after rtpSure packets in a
// row that fit each other; its payload is judged over rtpSample packets.
const (
	rtpSure   = 4
	rtpSample = 32
)

// rtpSeries follows one direction of RTP (RFC 3550 section 5.1).
type rtpSeries struct {
	source   uint32
	sequence uint16
	count    int       // packets in a row
	sampled  int       // of these, those whose payload was looked at
	firsts   [4]uint64 // set of the first payload bytes
	distinct int
	stream   bool // an MPEG start code was seen: surely in the clear
}

// add takes a packet and reports whether the series is sure.
func (s *rtpSeries) add(b []byte) bool {
	source, sequence := binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint16(b[2:])
	if step := sequence - s.sequence; s.count > 0 && (source != s.source || step > 16) {
		*s = rtpSeries{}
	} else if s.count > 0 && step == 0 {
		return s.count >= rtpSure
	}
	s.source, s.sequence = source, sequence
	s.count++
	if payload := b[rtpHeader(b):]; s.sampled < rtpSample && len(payload) > 0 {
		s.sample(payload)
	}
	return s.count >= rtpSure
}

func (s *rtpSeries) sample(payload []byte) {
	s.sampled++
	word, bit := payload[0]>>6, uint64(1)<<(payload[0]&63)
	if s.firsts[word]&bit == 0 {
		s.firsts[word] |= bit
		s.distinct++
	}
	s.stream = s.stream || len(payload) > 4 && string(payload[:4]) == "\x00\x00\x01\xba"
}

// protocol judges the payload. SRTP (RFC 3711) leaves the header as it is and
// encrypts all behind it, so that the first byte of its payloads is random;
// the payload header of codecs in the clear repeats itself.
func (s *rtpSeries) protocol() Protocol {
	if s.stream || s.distinct*2 <= s.sampled {
		return RTPProtocol
	}
	return SRTPProtocol
}

// isRTP reports whether b may be one RTP packet.
func isRTP(b []byte) bool {
	if len(b) < 12 || b[0]>>6 != 2 {
		return false
	}
	kind := b[1] & 0x7f
	return (kind < 64 || kind > 95) && rtpHeader(b) <= len(b)
}

// rtpHeader returns the length of the header with sources and extension.
func rtpHeader(b []byte) int {
	n := 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 == 0 {
		return n
	}
	if len(b) < n+4 {
		return len(b) + 1
	}
	return n + 4 + 4*int(binary.BigEndian.Uint16(b[n+2:]))
}

// isRTCP reports whether b is a compound RTCP packet (RFC 3550 section 6.1):
// a report first, and lengths that add up.
func isRTCP(b []byte) bool {
	if len(b) < 8 || b[1] != 200 && b[1] != 201 {
		return false
	}
	for len(b) > 0 {
		if len(b) < 4 || b[0]>>6 != 2 || b[1] < 192 || b[1] > 223 {
			return false
		}
		n := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b) {
			return false
		}
		b = b[n:]
	}
	return true
}

package dissect

import "encoding/binary"

const stunCookie = 0x2112a442

// isSTUN reports whether b is one STUN message (RFC 8489 section 5), or one of
// the classic kind without a cookie (RFC 3489), whose attributes must then add
// up; a classic message without attributes has nothing to hold it against and
// is believed on the port of STUN only.
func isSTUN(b []byte, known bool) bool {
	if len(b) < 20 || b[0]>>6 != 0 {
		return false
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if length%4 != 0 || 20+length > len(b) {
		return false
	}
	if binary.BigEndian.Uint32(b[4:]) == stunCookie {
		return true
	}
	if 20+length != len(b) {
		return false
	}
	switch binary.BigEndian.Uint16(b) {
	case 0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112:
	default:
		return false
	}
	if length == 0 {
		return known
	}
	return classicAttributes(b[20:])
}

// classicAttributes reports whether b is a whole list of attributes.
func classicAttributes(b []byte) bool {
	for len(b) >= 4 {
		n := 4 + int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b) || n == 4 {
			return false
		}
		b = b[n:]
	}
	return len(b) == 0
}

// isChannelMessage reports whether b is a ChannelData message of TURN (RFC 8656
// section 12.4).
func isChannelMessage(b []byte) bool {
	if len(b) < 4 || b[0] < 0x40 || b[0] > 0x4f {
		return false
	}
	n := 4 + int(binary.BigEndian.Uint16(b[2:]))
	return n <= len(b) && len(b)-n < 4
}

// relayed returns what a TURN message carries for somebody else: ChannelData,
// or the DATA attribute of a Send or Data indication. nil where nothing.
func relayed(b []byte) []byte {
	length := int(binary.BigEndian.Uint16(b[2:]))
	if b[0] >= 0x40 {
		return b[4 : 4+length]
	}
	if kind := binary.BigEndian.Uint16(b); kind != 0x0016 && kind != 0x0017 {
		return nil
	}
	for b = b[20 : 20+length]; len(b) >= 4; {
		n := int(binary.BigEndian.Uint16(b[2:]))
		if 4+n > len(b) {
			return nil
		}
		if binary.BigEndian.Uint16(b) == 0x0013 {
			return b[4 : 4+n]
		}
		b = b[min(4+(n+3)&^3, len(b)):]
	}
	return nil
}

// looksLikeStreamSTUN judges the first message of a TCP direction. Only the
// cookie is believed there.
func looksLikeStreamSTUN(b []byte) int8 {
	switch {
	case b[0]>>6 != 0 || b[0] > 1:
		return no
	case len(b) >= 4 && b[3]%4 != 0:
		return no
	}
	return begins(b[min(4, len(b)):], "\x21\x12\xa4\x42")
}

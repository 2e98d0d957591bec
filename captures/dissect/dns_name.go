package dissect

import (
	"strings"
	"unicode/utf8"
)

const (
	nameLimit    = 1024 // bytes of a name that are read; RFC 1035 section 2.3.4 allows 255
	maxJumps     = 127  // compression pointers in one name
	hostNameSize = 255  // what a reader's buffer starts with
)

// nameFault is what stands for a name that breaks the rules of its encoding
// but is there: in Wireshark's words, lower case.
type nameFault string

func (f nameFault) Error() string { return "dns: " + strings.Trim(string(f), "<>") }

const (
	labelUnknown nameFault = "<unknown extended label>" // RFC 2673; obsolete
	nameLong     nameFault = "<name too long>"
	nameLoop     nameFault = "<name contains a pointer that loops>"
)

// appendName appends the name at off (RFC 1035 section 4.1.4) in lower case and
// without final dot, and returns the offset behind it. Pointers may lead
// anywhere in b, but neither long nor in a circle.
func appendName(dst, b []byte, off int) ([]byte, int, error) {
	end, jumps, length, start := -1, 0, 0, len(dst)
	for {
		if off >= len(b) {
			return dst, 0, errDNSShort
		}
		n := int(b[off])
		off++
		switch {
		case n == 0:
			if end < 0 {
				end = off
			}
			return dst, end, nil
		case n >= 0xc0:
			if off >= len(b) {
				return dst, 0, errDNSShort
			}
			if end < 0 {
				end = off + 1
			}
			if jumps++; jumps > maxJumps {
				return dst, 0, nameLoop
			}
			off = (n&0x3f)<<8 | int(b[off])
		case n >= 0x80:
			return dst, 0, errDNSLabel
		case n >= 0x40:
			return dst, 0, labelUnknown
		case off+n > len(b):
			return dst, 0, errDNSShort
		default:
			if length += n + 1; length > nameLimit {
				return dst, 0, nameLong
			}
			if len(dst) > start {
				dst = append(dst, '.')
			}
			dst = appendLabel(dst, b[off:off+n])
			off += n
		}
	}
}

// appendLabel appends a label in lower case. A dot inside it is escaped, so that
// it cannot pass for the end of a label.
func appendLabel(dst, label []byte) []byte {
	for i, c := range label {
		switch {
		case c >= utf8.RuneSelf || c < ' ' || c == 0x7f:
			return appendText(dst, label[i:], true)
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c|0x20)
		case c == '.':
			dst = append(dst, '\\', '.')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendText appends b as Wireshark shows it: UTF-8 as it is, what is none as
// U+FFFD, control characters as in C.
func appendText(dst, b []byte, label bool) []byte {
	for len(b) > 0 {
		c := b[0]
		_, n := utf8.DecodeRune(b)
		switch {
		case c >= utf8.RuneSelf && n == 1:
			dst = append(dst, "\uFFFD"...)
		case c >= utf8.RuneSelf:
			dst = append(dst, b[:n]...)
		case c >= '\a' && c <= '\r':
			dst = append(dst, '\\', "abtnvfr"[c-'\a'])
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		case label:
			dst = appendLabel(dst, b[:1])
		default:
			dst = append(dst, c)
		}
		b = b[n:]
	}
	return dst
}

package dissect

const (
	maxName  = 255 // bytes of a name on the wire (RFC 1035 section 2.3.4); also what a reader's buffer starts with
	maxJumps = 127 // compression pointers in one name
)

// appendName appends the name at off (RFC 1035 section 4.1.4) in lower case and
// without final dot, and returns the offset behind it. Bytes that no host name
// has are escaped as RFC 4343 section 2.1 shows. Pointers may lead anywhere in
// b, but neither long nor in a circle.
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
				return dst, 0, errDNSName
			}
			off = (n&0x3f)<<8 | int(b[off])
		case n > 63:
			return dst, 0, errDNSName
		case off+n > len(b):
			return dst, 0, errDNSShort
		default:
			if length += n + 1; length > maxName {
				return dst, 0, errDNSName
			}
			if len(dst) > start {
				dst = append(dst, '.')
			}
			dst = appendLabel(dst, b[off:off+n])
			off += n
		}
	}
}

func appendLabel(dst, label []byte) []byte {
	for _, c := range label {
		switch {
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c|0x20)
		case c == '.' || c == '\\':
			dst = append(dst, '\\', c)
		default:
			dst = appendEscaped(dst, c)
		}
	}
	return dst
}

// appendEscaped appends c, as \DDD where it is not printable ASCII.
func appendEscaped(dst []byte, c byte) []byte {
	if c >= 0x20 && c < 0x7f {
		return append(dst, c)
	}
	return append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}

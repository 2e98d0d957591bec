package dissect

import "github.com/spanrig/spanrig/captures"

// tlv reads the head of a BER element (X.690): its tag, and where its contents
// are in b. Only definite lengths of at most four bytes; the contents may end
// behind b.
func tlv(b []byte) (tag byte, start, end int, ok bool) {
	if len(b) < 2 {
		return 0, 0, 0, false
	}
	n, start := int(b[1]), 2
	if n >= 0x80 {
		size := n & 0x7f
		if size == 0 || size > 4 || len(b) < 2+size {
			return 0, 0, 0, false
		}
		n = 0
		for _, c := range b[2 : 2+size] {
			n = n<<8 | int(c)
			if n > 1<<24 {
				return 0, 0, 0, false
			}
		}
		start += size
	}
	return b[0], start, start + n, true
}

// matchBER recognises LDAP (RFC 4511) and Kerberos (RFC 4120) over TCP.
func matchBER(_ *Conversation, _ captures.Dir, b []byte) (Protocol, int8) {
	switch {
	case b[0] == 0x30:
		if len(b) < 12 {
			return "", more
		}
		if isLDAP(b) {
			return LDAPProtocol, yes
		}
	case b[0] == 0: // Kerberos: a length of four bytes goes before
		if len(b) >= 5 && (b[1] != 0 || !kerberosTag(b[4])) {
			return "", no
		}
		if len(b) < 12 {
			return "", more
		}
		if isKerberos(b[4:]) {
			return KerberosProtocol, yes
		}
	}
	return "", no
}

// isLDAP judges the head of an LDAP message: a sequence of a message ID and an
// application tag.
func isLDAP(b []byte) bool {
	tag, start, _, ok := tlv(b)
	if !ok || tag != 0x30 || start >= len(b) {
		return false
	}
	inner := b[start:]
	tag, from, to, ok := tlv(inner)
	if !ok || tag != 0x02 || to-from < 1 || to-from > 4 || to+1 >= len(inner) {
		return false
	}
	op := inner[to]
	return op >= 0x60 && op <= 0x79 || op == 0x42 || op == 0x4a || op == 0x50
}

func kerberosTag(b byte) bool { return b >= 0x6a && b <= 0x6f || b == 0x7e }

// isKerberos judges the head of a Kerberos message: an application tag around
// a sequence.
func isKerberos(b []byte) bool {
	tag, start, end, ok := tlv(b)
	if !ok || !kerberosTag(tag) || start >= len(b) {
		return false
	}
	tag, _, inner, ok := tlv(b[start:])
	return ok && tag == 0x30 && start+inner == end
}

// isSNMP judges an SNMP message (RFC 1157, RFC 3416, RFC 3412) that fills b.
func isSNMP(b []byte) bool {
	tag, start, end, ok := tlv(b)
	if !ok || tag != 0x30 || end != len(b) {
		return false
	}
	b = b[start:]
	tag, from, to, ok := tlv(b)
	if !ok || tag != 0x02 || to-from != 1 || to >= len(b) {
		return false
	}
	version := b[from]
	tag, _, to2, ok := tlv(b[to:])
	switch {
	case !ok || version > 3 || version == 2:
		return false
	case version == 3:
		return tag == 0x30
	case tag != 0x04 || to+to2 >= len(b):
		return false
	}
	pdu := b[to+to2]
	return pdu >= 0xa0 && pdu <= 0xa8
}

package dissect

import (
	"bytes"
	"encoding/binary"
)

// matchTextDatagram recognises SIP, RTSP, SSDP and syslog over UDP.
func matchTextDatagram(b []byte) Protocol {
	switch {
	case b[0] == '<':
		if isSyslog(b) {
			return SyslogProtocol
		}
	case isSSDP(b):
		return SSDPProtocol
	case bytes.HasPrefix(b, []byte("d1:ad2:id20:")), bytes.HasPrefix(b, []byte("d1:rd2:id20:")): // BEP 5
		return BitTorrentProtocol
	}
	if p, verdict := matchStartLine(b); verdict == yes && p != HTTPProtocol {
		return p
	}
	return ""
}

// isSSDP judges the discovery of UPnP: HTTP heads in datagrams.
func isSSDP(b []byte) bool {
	switch {
	case bytes.HasPrefix(b, []byte("M-SEARCH * HTTP/1.")), bytes.HasPrefix(b, []byte("NOTIFY * HTTP/1.")):
		return true
	case bytes.HasPrefix(b, []byte("HTTP/1.1 200")):
		head := bytes.ToUpper(b[:min(len(b), 2048)])
		return bytes.Contains(head, []byte("\nST:")) || bytes.Contains(head, []byte("\nUSN:"))
	}
	return false
}

// isSyslog judges the priority (RFC 3164, RFC 5424): at most 191, then text.
func isSyslog(b []byte) bool {
	priority, i := 0, 1
	for ; i < len(b) && i < 4 && b[i] >= '0' && b[i] <= '9'; i++ {
		priority = priority*10 + int(b[i]-'0')
	}
	if i == 1 || i+1 >= len(b) || b[i] != '>' || priority > 191 {
		return false
	}
	for _, c := range b[i+1 : min(len(b), i+17)] {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// matchLightDatagram recognises by head alone. Ports only break ties: each
// message must also fit its form.
func matchLightDatagram(t *Transport, b []byte) Protocol {
	switch {
	case isWireGuard(b):
		return WireGuardProtocol
	case isSNMP(b):
		return SNMPProtocol
	case (t.has(546) || t.has(547)) && isDHCPv6(b):
		return DHCPv6Protocol
	case t.has(138) && len(b) >= 14 && b[0] >= 0x10 && b[0] <= 0x16:
		return NBDGMProtocol
	case t.has(88) && isKerberos(b):
		return KerberosProtocol
	case t.has(389) && isLDAP(b):
		return LDAPProtocol
	case isIKE(t, b):
		return IKEProtocol
	case t.has(5683) && isCoAP(b):
		return CoAPProtocol
	case (t.has(1812) || t.has(1813) || t.has(1645) || t.has(1646)) && isRADIUS(b):
		return RADIUSProtocol
	case isTFTP(b):
		return TFTPProtocol
	case t.has(1194) && len(b) >= 14 && (b[0]>>3 == 7 || b[0]>>3 == 8) && b[0]&7 == 0: // hard reset
		return OpenVPNProtocol
	}
	return ""
}

// isWireGuard judges type, reserved bytes and length of the four messages
// (WireGuard whitepaper section 5.4). Transport counters stay far below 2^40.
func isWireGuard(b []byte) bool {
	if len(b) < 32 || b[1] != 0 || b[2] != 0 || b[3] != 0 {
		return false
	}
	switch b[0] {
	case 1:
		return len(b) == 148
	case 2:
		return len(b) == 92
	case 3:
		return len(b) == 64
	case 4:
		return len(b)%16 == 0 && b[13] == 0 && b[14] == 0 && b[15] == 0
	}
	return false
}

// isIKE judges an IKE header (RFC 7296 section 3.1; RFC 2408), which on port
// 4500 four zero bytes go before (RFC 3948).
func isIKE(t *Transport, b []byte) bool {
	if t.has(4500) && len(b) > 4 && binary.BigEndian.Uint32(b) == 0 {
		b = b[4:]
	} else if !t.has(500) {
		return false
	}
	return len(b) >= 28 && (b[17] == 0x10 || b[17] == 0x20) && int(binary.BigEndian.Uint32(b[24:])) == len(b) &&
		binary.BigEndian.Uint64(b) != 0
}

// isCoAP judges header, token and options (RFC 7252 section 3).
func isCoAP(b []byte) bool {
	if len(b) < 4 || b[0]>>6 != 1 || b[0]&0xf > 8 {
		return false
	}
	if class := b[1] >> 5; class != 0 && class != 2 && class != 4 && class != 5 {
		return false
	}
	off := 4 + int(b[0]&0xf)
	for off < len(b) && b[off] != 0xff {
		delta, length := int(b[off]>>4), int(b[off]&0xf)
		if delta == 15 || length == 15 {
			return false
		}
		off++
		for _, field := range []*int{&delta, &length} {
			switch *field {
			case 13:
				if off < len(b) {
					*field = 13 + int(b[off])
				}
				off++
			case 14:
				if off+1 < len(b) {
					*field = 269 + int(binary.BigEndian.Uint16(b[off:]))
				}
				off += 2
			}
		}
		off += length
	}
	return off <= len(b)
}

// isRADIUS judges code, length and attributes (RFC 2865 section 3).
func isRADIUS(b []byte) bool {
	if len(b) < 20 || b[0] == 0 || b[0] > 50 || int(binary.BigEndian.Uint16(b[2:])) != len(b) {
		return false
	}
	for b = b[20:]; len(b) > 0; b = b[b[1]:] {
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return false
		}
	}
	return true
}

// isTFTP judges a read or write request (RFC 1350 section 5).
func isTFTP(b []byte) bool {
	if len(b) < 9 || b[0] != 0 || b[1] != 1 && b[1] != 2 {
		return false
	}
	_, rest, ok := bytes.Cut(b[2:], []byte{0})
	mode, _, whole := bytes.Cut(rest, []byte{0})
	return ok && whole && (bytes.EqualFold(mode, []byte("octet")) || bytes.EqualFold(mode, []byte("netascii")))
}

// isNBNS judges a NetBIOS name service packet (RFC 1002 section 4.2): the
// header of DNS, and a name of 32 letters that encode 16 bytes.
func isNBNS(b []byte) bool {
	return len(b) >= 12 && (len(b) < 13 || b[12] == 32 || b[12] == 0)
}

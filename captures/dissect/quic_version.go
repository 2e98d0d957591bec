package dissect

import (
	"fmt"
)

// Versions of QUIC (https://github.com/quicwg/base-drafts/wiki/QUIC-Versions).
const (
	quicNegotiation = 0 // stands in Version Negotiation packets
	quic1           = 0x00000001
	quic2           = 0x6b3343cf // RFC 9369
	quic2Draft      = 0x709a50c4 // its draft 1
	quicDraft       = 0xff000000 // the lowest byte is the number of the draft
	mvfst22         = 0xfaceb001 // Facebook's, on draft 22
	mvfst27         = 0xfaceb002
	mvfstTest       = 0xfaceb00e
	mvfstLast       = 0xfaceb01f
	googleUnknown   = 'Q'<<24 | '?'<<16 | '?'<<8 | '?' // only its server was seen, which does not say
	googleQ050      = 'Q'<<24 | '0'<<16 | '5'<<8 | '0'
	googleT050      = 'T'<<24 | '0'<<16 | '5'<<8 | '0'
	googleT051      = 'T'<<24 | '0'<<16 | '5'<<8 | '1'
)

// QUICVersionName returns the name of a version of QUIC: "1", "2", "draft-29",
// "mvfst-27", the four letters of Google's ("Q043", "Q???" where only the server
// was seen); any other number in hexadecimal.
func QUICVersionName(v uint32) string {
	switch {
	case v == quic1:
		return "1"
	case v == quic2:
		return "2"
	case v == quic2Draft:
		return "2-draft-01"
	case v == mvfst22:
		return "mvfst-22"
	case v == mvfst27 || v == mvfstTest:
		return "mvfst-27"
	case isQUICDraft(v):
		return fmt.Sprintf("draft-%02d", v&0xff)
	case isGoogleQUIC(v) || v == googleUnknown:
		return string([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	}
	return fmt.Sprintf("0x%08x", v)
}

// Drafts whose packets look like those of RFC 8999: from 22 on, with 34 the last.
func isQUICDraft(v uint32) bool { return v >= quicDraft|22 && v <= quicDraft|34 }

// isGoogleQUIC recognises a letter and three digits.
func isGoogleQUIC(v uint32) bool {
	if letter := byte(v >> 24); letter != 'Q' && letter != 'T' {
		return false
	}
	for _, shift := range [...]uint{16, 8, 0} {
		if d := byte(v >> shift); d < '0' || d > '9' {
			return false
		}
	}
	return true
}

// isReservedQUIC tells the versions that exercise negotiation (RFC 9000 section 15).
func isReservedQUIC(v uint32) bool { return v&0x0f0f0f0f == 0x0a0a0a0a }

// isQUICVersion reports whether v is one that this package reads.
func isQUICVersion(v uint32) bool {
	return v == quic1 || v == quic2 || v == quic2Draft || isQUICDraft(v) || isGoogleQUIC(v) || v >= mvfst22 && v <= mvfstLast
}

// quicScheme is what a version's Initial packets are protected with.
type quicScheme struct {
	salt  string // of HKDF-Extract
	label string // before "key", "iv" and "hp"
}

// schemeOf returns the scheme of a version; ok is false where none is known.
func schemeOf(v uint32) (s quicScheme, ok bool) {
	s.label = "quic "
	switch {
	case v == quic1 || v == quicDraft|33 || v == quicDraft|34: // RFC 9001 section 5.2
		s.salt = "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a"
	case v == quic2: // RFC 9369 section 3.3.1
		s.salt = "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"
		s.label = "quicv2 "
	case v == quic2Draft:
		s.salt = "\xa7\x07\xc2\x03\xa5\x9b\x47\x18\x4a\x1d\x62\xca\x57\x04\x06\xea\x7a\xe3\xe5\xd3"
		s.label = "quicv2 "
	case v >= quicDraft|29 && v <= quicDraft|32:
		s.salt = "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99"
	case v >= quicDraft|23 && v <= quicDraft|28 || v == mvfst27 || v == mvfstTest:
		s.salt = "\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02"
	case v == quicDraft|22 || v == mvfst22:
		s.salt = "\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a"
	case v == googleQ050:
		s.salt = "\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45"
	case v == googleT050:
		s.salt = "\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10"
	case v == googleT051:
		s.salt = "\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d"
	default:
		return s, false
	}
	return s, true
}

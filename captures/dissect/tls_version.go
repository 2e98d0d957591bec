package dissect

import "fmt"

// Protocol versions as they stand in hellos.
const (
	ssl2   = 0x0002
	ssl3   = 0x0300
	tls10  = 0x0301
	tls11  = 0x0302
	tls12  = 0x0303
	tls13  = 0x0304
	dtls10 = 0xfeff
	dtls12 = 0xfefd
	dtls13 = 0xfefc

	dtlsOld = 0x0100 // DTLS 1.0 of OpenSSL before 0.9.8f
)

// VersionName returns the name of a TLS or DTLS version: "1.3", "1.2", "1.1",
// "1.0", "ssl3", "ssl2", "dtls1.3", "dtls1.2", "dtls1.0", "1.3-draft23" for the
// drafts of RFC 8446; any other number in hexadecimal.
func VersionName(v uint16) string {
	switch v {
	case tls13:
		return "1.3"
	case tls12:
		return "1.2"
	case tls11:
		return "1.1"
	case tls10:
		return "1.0"
	case ssl3:
		return "ssl3"
	case ssl2:
		return "ssl2"
	case dtls13:
		return "dtls1.3"
	case dtls12:
		return "dtls1.2"
	case dtls10, dtlsOld:
		return "dtls1.0"
	}
	switch v >> 8 {
	case draft13, facebook13:
		return fmt.Sprintf("1.3-draft%d", v&0xff)
	}
	return fmt.Sprintf("0x%04x", v)
}

// Upper bytes of the versions that drafts of TLS 1.3 used: the IETF's and
// those of Facebook's variants. The lower byte is the number of the draft.
const (
	draft13    = 0x7f
	facebook13 = 0xfb
)

// isTLS13 reports whether v hides the handshake behind the hellos: TLS 1.3 and its drafts.
func isTLS13(v uint16) bool {
	return v == tls13 || v>>8 == draft13 || v>>8 == facebook13
}

// isGREASE tells the values that RFC 8701 reserves for exercise.
func isGREASE(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

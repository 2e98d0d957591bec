package dissect

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Carriers of a ClientHello, as the first letter of JA4 names them.
const (
	CarrierTLS  = 't' // over TCP
	CarrierQUIC = 'q'
	CarrierDTLS = 'd'
)

// JA4 returns the JA4 fingerprint of a ClientHello that came over carrier
// (https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md).
func (h *ClientHello) JA4(carrier byte) string {
	var room [128]uint16
	var out [36]byte
	version := h.versionJA4()
	b := append(out[:0], carrier, version[0], version[1], h.destinationJA4())

	list := slices.AppendSeq(room[:0], h.Ciphers.All())
	ciphers := len(list)
	var ciphersHash, extensionsHash [12]byte
	hashSorted(&ciphersHash, list, nil)

	list = slices.AppendSeq(list[:0], h.extensionCodes())
	count := len(list)
	list = slices.DeleteFunc(list, func(v uint16) bool { return v == extSNI || v == extALPN })
	hashSorted(&extensionsHash, list, h.Signatures)

	b = appendTwoDigits(appendTwoDigits(b, ciphers), count)
	first, last := h.protocolJA4()
	b = append(b, first, last, '_')
	b = append(append(b, ciphersHash[:]...), '_')
	return string(append(b, extensionsHash[:]...))
}

// destinationJA4 tells a named destination ('d') from a bare address ('i').
func (h *ClientHello) destinationJA4() byte {
	for kind := range h.extensionCodes() {
		if kind == extSNI {
			return 'd'
		}
	}
	return 'i'
}

// versionJA4 names the newest version that is offered.
func (h *ClientHello) versionJA4() string {
	newest := h.Version
	if h.Versions.Len() > 0 {
		newest = 0
		for v := range h.Versions.All() {
			if newest == 0 || newer(v, newest) {
				newest = v
			}
		}
	}
	switch newest {
	case tls13:
		return "13"
	case tls12:
		return "12"
	case tls11:
		return "11"
	case tls10:
		return "10"
	case ssl3:
		return "s3"
	case ssl2:
		return "s2"
	case dtls10:
		return "d1"
	case dtls12:
		return "d2"
	case dtls13:
		return "d3"
	}
	return "00"
}

// newer compares versions. Those of DTLS count downwards (RFC 6347 section 4.1).
func newer(v, than uint16) bool {
	if v>>8 == 0xfe && than>>8 == 0xfe {
		return v < than
	}
	return v > than
}

// protocolJA4 returns the two characters for the first protocol of ALPN: its
// first and last byte where both are letters or digits, else the first and
// last digit of the whole in hexadecimal. FoxIO's own programs print "99"
// where the first byte is not ASCII, against their text but alike, so that
// this is what databases of fingerprints hold.
func (h *ClientHello) protocolJA4() (first, last byte) {
	if len(h.ALPN) == 0 || h.ALPN[0] == "" {
		return '0', '0'
	}
	name := h.ALPN[0]
	first, last = name[0], name[len(name)-1]
	switch {
	case first >= 0x80:
		return '9', '9'
	case isAlphanumeric(first) && isAlphanumeric(last):
		return first, last
	}
	return hexDigits[first>>4], hexDigits[last&0x0f]
}

const hexDigits = "0123456789abcdef"

func isAlphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func appendTwoDigits(b []byte, n int) []byte {
	n = min(n, 99)
	return append(b, byte('0'+n/10), byte('0'+n%10))
}

// hashSorted sorts list and writes the first 12 hexadecimal digits of the
// SHA-256 of its text, with signatures behind it in their own order. An empty
// list gives zeros.
func hashSorted(out *[12]byte, list []uint16, signatures Codes) {
	if len(list) == 0 {
		copy(out[:], "000000000000")
		return
	}
	slices.Sort(list)
	var room [1024]byte
	b := room[:0]
	for _, v := range list {
		b = appendHex(b, v)
	}
	b = b[:len(b)-1]
	separator := byte('_')
	for v := range signatures.All() {
		b = appendHex(append(b, separator), v)
		b, separator = b[:len(b)-1], ','
	}
	sum := sha256.Sum256(b)
	hex.Encode(out[:], sum[:6])
}

// appendHex appends four digits and a comma.
func appendHex(b []byte, v uint16) []byte {
	return append(b, hexDigits[v>>12], hexDigits[v>>8&15], hexDigits[v>>4&15], hexDigits[v&15], ',')
}

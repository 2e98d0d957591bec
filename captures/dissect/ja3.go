package dissect

import (
	"crypto/md5"
	"encoding/hex"
	"iter"
	"strconv"
)

// JA3 returns the JA3 fingerprint of a ClientHello: the MD5, in hexadecimal,
// of its version, ciphers, extensions, groups and point formats, GREASE left
// out (https://github.com/salesforce/ja3).
func (h *ClientHello) JA3() string {
	var room [1024]byte
	sum := md5.Sum(h.appendJA3(room[:0]))
	var text [2 * md5.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// appendJA3 appends the text below the MD5.
func (h *ClientHello) appendJA3(b []byte) []byte {
	b = strconv.AppendUint(b, uint64(h.Version), 10)
	b = appendDecimals(append(b, ','), h.Ciphers.All())
	b = appendDecimals(append(b, ','), h.extensionCodes())
	b = appendDecimals(append(b, ','), h.Groups.All())
	b = append(b, ',')
	for i, p := range h.Points {
		if i > 0 {
			b = append(b, '-')
		}
		b = strconv.AppendUint(b, uint64(p), 10)
	}
	return b
}

func appendDecimals(b []byte, codes iter.Seq[uint16]) []byte {
	first := true
	for v := range codes {
		if !first {
			b = append(b, '-')
		}
		b, first = strconv.AppendUint(b, uint64(v), 10), false
	}
	return b
}

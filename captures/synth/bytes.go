package synth

import (
	"crypto/sha256"
	"encoding/binary"
)

// noise returns n bytes that look random and are always the same for a seed:
// SHA-256 in counter mode.
func noise(seed string, n int) []byte {
	var out []byte
	for i := uint32(0); len(out) < n; i++ {
		block := sha256.Sum256(binary.BigEndian.AppendUint32([]byte(seed), i))
		out = append(out, block[:]...)
	}
	return out[:n]
}

// prefixed returns body behind its length in n bytes, big-endian.
func prefixed(n int, body []byte) []byte {
	b := make([]byte, n, n+len(body))
	for i := range n {
		b[i] = byte(len(body) >> (8 * (n - 1 - i)))
	}
	return append(b, body...)
}

// be16 returns values as big-endian 16-bit words.
func be16(values ...uint16) []byte {
	b := make([]byte, 0, 2*len(values))
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

// concat joins parts in a new slice.
func concat(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

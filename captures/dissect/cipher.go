package dissect

import (
	"fmt"
	"slices"
	"strings"
)

// CipherName returns the name that IANA gave a TLS cipher suite, or its number
// in hexadecimal ("0x1a2b") where it has none.
func CipherName(id uint16) string {
	i, ok := slices.BinarySearchFunc(cipherNames[:], id, func(c struct {
		id   uint16
		name string
	}, id uint16) int {
		return int(c.id) - int(id)
	})
	if !ok {
		return fmt.Sprintf("0x%04x", id)
	}
	return cipherNames[i].name
}

// CipherClass says what a cipher suite fails to do.
type CipherClass uint8

// Classes of cipher suites. Of several that apply, the first of this list is told.
const (
	CipherSound     CipherClass = iota // authenticates and encrypts; not necessarily an AEAD
	CipherNull                         // does not encrypt
	CipherAnonymous                    // does not authenticate the server
	CipherExport                       // keys of 40 or 56 bits, weakened on purpose
	CipherRC4                          // forbidden by RFC 7465
	CipherUnknown                      // no registered suite
)

// ClassifyCipher returns the class of a cipher suite, by its registered name.
func ClassifyCipher(id uint16) CipherClass {
	name := CipherName(id)
	switch {
	case strings.HasPrefix(name, "0x"):
		return CipherUnknown
	case strings.Contains(name, "_NULL_") || id == 0xc0b4 || id == 0xc0b5: // RFC 9150: integrity only
		return CipherNull
	case strings.Contains(name, "_anon_"):
		return CipherAnonymous
	case strings.Contains(name, "_EXPORT"):
		return CipherExport
	case strings.Contains(name, "_RC4_"):
		return CipherRC4
	}
	return CipherSound
}

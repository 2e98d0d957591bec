package dissect

import "crypto/sha256"

// Certificates remembers the certificates that were parsed, by their digest:
// most connections of a capture show those of a few servers, and parsing one
// costs more than the rest of its handshake. It is not safe for concurrent
// use. A nil Certificates remembers nothing.
type Certificates struct {
	known map[[sha256.Size]byte]Certificate
}

const rememberedCertificates = 4096 // then it begins anew

// NewCertificates returns a memory for the conversations of one capture.
func NewCertificates() *Certificates {
	return &Certificates{known: make(map[[sha256.Size]byte]Certificate)}
}

// parse returns what ParseCertificates would. Names are shared with other
// results.
func (c *Certificates) parse(body []byte) []Certificate {
	return parseChain(body, c.certificate)
}

func (c *Certificates) certificate(der []byte) Certificate {
	if c == nil {
		return certificate(der)
	}
	digest := sha256.Sum256(der)
	known, ok := c.known[digest]
	if !ok {
		if len(c.known) == rememberedCertificates {
			clear(c.known)
		}
		known = certificate(der)
		c.known[digest] = known
	}
	return known
}

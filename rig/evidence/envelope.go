package evidence

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
)

// PayloadType is the type of what an envelope holds.
const PayloadType = "application/vnd.in-toto+json"

// envelope is a DSSE envelope (secure-systems-lab/dsse, protocol version 1.0.2)
// as attestation.json holds it: in canonical form with a newline, without
// signatures where the bundle is not signed.
type envelope struct {
	Payload     []byte      `json:"payload"` // encoding/json makes standard Base64 of it
	PayloadType string      `json:"payloadType"`
	Signatures  []signature `json:"signatures"` // the sealer's first, then by key ID
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   []byte `json:"sig"`
}

// preAuth is DSSE's pre-authentication encoding: what is signed.
func preAuth(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(PayloadType), PayloadType, len(payload), payload)
}

func (e *envelope) encode() ([]byte, error) {
	b, err := canonical(e)
	return append(b, '\n'), err
}

// parseEnvelope reads attestation.json.
func parseEnvelope(content []byte) (*envelope, error) {
	e := new(envelope)
	if err := fewSignatures(content); err != nil {
		return nil, err
	}
	if err := decode(content, e); err != nil {
		return nil, differs(AttestationName, "%v", err)
	}
	if e.PayloadType != PayloadType {
		return nil, differs(AttestationName, "its payload is of type %q, expected %q", e.PayloadType, PayloadType)
	}
	if e.Signatures == nil || e.Payload == nil {
		return nil, differs(AttestationName, "it has no payload or no list of signatures")
	}
	return e, nil
}

// sign adds a signature in its place. signer is the key ID of the sealer.
func (e *envelope) sign(private ed25519.PrivateKey, signer string) error {
	public := private.Public().(ed25519.PublicKey)
	id := KeyID(public)
	if slices.ContainsFunc(e.Signatures, func(s signature) bool { return s.KeyID == id }) {
		return fmt.Errorf("it has a signature of key %s already", id)
	}
	if len(e.Signatures) == maxSignatures {
		return fmt.Errorf("it has %d signatures, and that is the most", maxSignatures)
	}
	e.Signatures = append(e.Signatures, signature{id, ed25519.Sign(private, preAuth(e.Payload))})
	slices.SortFunc(e.Signatures, func(a, b signature) int { return strings.Compare(a.rank(signer), b.rank(signer)) })
	return nil
}

// rank sorts the sealer's signature first, the others by key.
func (s *signature) rank(signer string) string {
	if s.KeyID == signer {
		return ""
	}
	return s.KeyID
}

// ordered reports whether the signatures are in their order, each key once.
func (e *envelope) ordered(signer string) bool {
	for i := 1; i < len(e.Signatures); i++ {
		if e.Signatures[i-1].rank(signer) >= e.Signatures[i].rank(signer) {
			return false
		}
	}
	return true
}

// Signature is one signature of a bundle, which is valid.
type Signature struct {
	KeyID  string            // see KeyID
	Public ed25519.PublicKey // as the bundle has it: whose it is, the reader must know
	Sealer bool              // by who sealed the bundle; else it was added later
}

// Signatures lists the signatures, which are valid, or Open would have refused the
// bundle: none where it is not signed. A key that is in the bundle proves that
// nothing was changed by accident; who signed is only known by a key that came
// another way (see Verify).
func (b *Bundle) Signatures() []Signature { return b.signatures }

func keyName(id string) string { return keysFolder + id + ".pem" }

// publicKey reads the key of an ID from the bundle.
func (b *Bundle) publicKey(id string) (ed25519.PublicKey, error) {
	if !isHex(id, 64) {
		return nil, differs(AttestationName, "its key ID %.80q is none", id)
	}
	name := keyName(id)
	if !slices.Contains(b.Names(), name) {
		return nil, differs(name, "it is missing, and attestation.json has a signature of this key")
	}
	content, err := b.ReadFile(name)
	if err != nil {
		return nil, err
	}
	public, err := parsePublicKey(content)
	switch {
	case err != nil:
		return nil, differs(name, "%v", err)
	case KeyID(public) != id:
		return nil, differs(name, "it is another key: its ID is %s", KeyID(public))
	case string(publicPEM(public)) != string(content):
		return nil, differs(name, "it is not in the one form that a public key has in PEM here")
	}
	return public, nil
}

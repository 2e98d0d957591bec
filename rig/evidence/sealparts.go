package evidence

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// sealParts are the three files that hold a bundle together. Each has the
// digest of the manifest, or is it, so that where one was changed it can be
// told which.
type sealParts struct {
	manifest []byte
	sum      string // of the manifest
	m        *Manifest
	envelope *envelope
}

func readSeal(s store) (*sealParts, error) {
	room, err := roomIn(s)
	if err != nil {
		return nil, err
	}
	var parts [3][]byte
	for i, name := range []string{ManifestName, SumsName, AttestationName} {
		if parts[i], err = readUpTo(s, name, room.of(name)); errors.Is(err, fs.ErrNotExist) {
			return nil, differs(name, "it is missing; a bundle is what spanrig evidence seal makes")
		} else if err != nil {
			return nil, err
		}
	}
	p := &sealParts{manifest: parts[0]}
	if p.envelope, err = parseEnvelope(parts[2]); err != nil {
		return nil, err
	}
	p.sum = digestOf(p.manifest).sha256
	if err := vote(p.sum, listedSum(parts[1]), statedSum(p.envelope.Payload)); err != nil {
		return nil, err
	}
	if p.m, err = parseManifest(p.manifest); err != nil {
		return nil, differs(ManifestName, "%v", err)
	}
	if at := differAt(p.m.sums(p.sum), parts[1]); at >= 0 {
		return nil, differs(SumsName, "line %d is not what the manifest says", 1+bytes.Count(parts[1][:min(at, len(parts[1]))], []byte("\n")))
	}
	return p, nil
}

// vote finds which of the three differs: the manifest, by its digest, or one of
// those that hold this digest.
func vote(manifest, listed, stated string) error {
	switch {
	case manifest == listed && manifest == stated:
		return nil
	case manifest == stated:
		return differs(SumsName, "the SHA-256 that it has of manifest.json is not that of the file, which the attestation has too")
	case manifest == listed:
		return differs(AttestationName, "the SHA-256 that its statement has of manifest.json is not that of the file, which SHA256SUMS has too")
	}
	return differs(ManifestName, "it was changed after it was sealed: its SHA-256 is %s, neither what SHA256SUMS has nor what the attestation has", manifest)
}

// listedSum is the digest that SHA256SUMS has of the manifest: its last line.
func listedSum(sums []byte) string {
	sums = bytes.TrimSuffix(sums, []byte("\n"))
	sum, name, _ := strings.Cut(string(sums[bytes.LastIndexByte(sums, '\n')+1:]), "  ")
	if name != ManifestName {
		return ""
	}
	return sum
}

// statedSum is the digest that the statement has of the manifest, its first
// subject. In canonical form that stands so nowhere else, so that a payload of any
// length need not be taken apart before it is known to be true.
func statedSum(payload []byte) string {
	_, rest, _ := bytes.Cut(payload, []byte(`"subject":[{"digest":{"sha256":"`))
	if sum, _, found := bytes.Cut(rest, []byte(`"},"name":"`+ManifestName+`"}`)); found && isHex(string(sum[:min(len(sum), 65)]), 64) {
		return string(sum)
	}
	return ""
}

// checkSignatures checks that every signature is valid, in its place and with
// its key in the bundle, and that the sealer's is there.
func (b *Bundle) checkSignatures() error {
	e, signer := b.seal.envelope, b.manifest.Signer
	if err := b.checkKeys(); err != nil {
		return err
	}
	for _, s := range e.Signatures {
		public, err := b.publicKey(s.KeyID)
		if err != nil {
			return err
		}
		if !ed25519.Verify(public, preAuth(e.Payload), s.Sig) {
			return differs(AttestationName, "the signature of key %s is not one of this attestation", s.KeyID)
		}
		b.signatures = append(b.signatures, Signature{KeyID: s.KeyID, Public: public, Sealer: s.KeyID == signer})
	}
	switch {
	case !e.ordered(signer):
		return differs(AttestationName, "its signatures are out of order, or one stands twice")
	case signer != "" && !b.signedBy(signer):
		return differs(AttestationName, "the signature of who sealed (key %s) was taken away", signer)
	}
	return nil
}

func (b *Bundle) signedBy(id string) bool {
	return slices.ContainsFunc(b.signatures, func(s Signature) bool { return s.KeyID == id })
}

// checkKeys holds the keys of the bundle against those of the signatures.
func (b *Bundle) checkKeys() error {
	missing := map[string]bool{}
	for _, s := range b.seal.envelope.Signatures {
		missing[keyName(s.KeyID)] = true
	}
	var unused []string
	for _, name := range b.Names() {
		if isKeyName(name) && !missing[name] {
			unused = append(unused, name)
		}
		delete(missing, name)
	}
	gone := slices.Sorted(maps.Keys(missing))
	switch {
	case len(gone) > 0 && len(unused) > 0:
		if content, err := b.ReadFile(unused[0]); err == nil {
			if public, err := parsePublicKey(content); err == nil && missing[keyName(KeyID(public))] {
				return differs(unused[0], "it is not the key that its name says, but that of %s", gone[0])
			}
		}
		return differs(AttestationName, "it has a signature of %s, which is missing, and none of %s", gone[0], unused[0])
	case len(gone) > 0:
		return differs(gone[0], "it is missing, and attestation.json has a signature of it")
	case len(unused) > 0:
		return differs(unused[0], "attestation.json has no signature of this key")
	}
	return nil
}

// checkSigners checks that those have signed who must.
func (b *Bundle) checkSigners(keys []ed25519.PublicKey) error {
	for _, key := range keys {
		if id := KeyID(key); !b.signedBy(id) {
			return differs(AttestationName, "it is not signed by key %s, which was asked for; %s", id, b.signers())
		}
	}
	return nil
}

// signers says who signed, by key.
func (b *Bundle) signers() string {
	if len(b.signatures) == 0 {
		return "the bundle is not signed"
	}
	ids := make([]string, len(b.signatures))
	for i, s := range b.signatures {
		ids[i] = s.KeyID
	}
	return "it is by " + strings.Join(ids, ", ")
}

package evidence

import (
	"bytes"
	"encoding/json"
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
	m        *Manifest
	envelope *envelope
}

func readSeal(s store) (*sealParts, error) {
	var parts [3][]byte
	for i, name := range []string{ManifestName, SumsName, AttestationName} {
		var err error
		if parts[i], err = readAll(s, name); errors.Is(err, fs.ErrNotExist) {
			return nil, differs(name, "it is missing; every bundle has it")
		} else if err != nil {
			return nil, err
		}
	}
	p := &sealParts{manifest: parts[0]}
	var err error
	if p.envelope, err = parseEnvelope(parts[2]); err != nil {
		return nil, err
	}
	sum := digestOf(p.manifest).sha256
	if err := vote(sum, listedSum(parts[1]), statedSum(p.envelope.Payload)); err != nil {
		return nil, err
	}
	if p.m, err = parseManifest(p.manifest); err != nil {
		return nil, differs(ManifestName, "%v", err)
	}
	if at := differAt(p.m.sums(sum), parts[1]); at >= 0 {
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
	lines := strings.Split(strings.TrimSuffix(string(sums), "\n"), "\n")
	sum, name, _ := strings.Cut(lines[len(lines)-1], "  ")
	if name != ManifestName {
		return ""
	}
	return sum
}

// statedSum is the digest that the statement has of the manifest.
func statedSum(payload []byte) string {
	var s statement
	if json.Unmarshal(payload, &s) != nil {
		return ""
	}
	for _, r := range s.Subject {
		if r.Name == ManifestName {
			return r.Digest["sha256"]
		}
	}
	return ""
}

// checkSignatures checks that every signature is valid, in its place and with
// its key in the bundle, and that those are there that must be.
func (v *verifying) checkSignatures() error {
	e, signer := v.seal.envelope, v.b.manifest.Signer
	if err := v.checkKeys(); err != nil {
		return err
	}
	var err error
	if v.signatures, err = v.b.Signatures(); err != nil {
		return err
	}
	have := map[string]bool{}
	for _, s := range v.signatures {
		if !s.Valid {
			return differs(AttestationName, "the signature of key %s is not one of this attestation", s.KeyID)
		}
		have[s.KeyID] = true
	}
	switch {
	case !e.ordered(signer):
		return differs(AttestationName, "its signatures are out of order, or one stands twice")
	case signer != "" && !have[signer]:
		return differs(AttestationName, "the signature of who sealed (key %s) was taken away", signer)
	}
	for _, key := range v.o.Keys {
		if id := KeyID(key); !have[id] {
			return differs(AttestationName, "it is not signed by key %s, which was asked for; %s", id, v.signers())
		}
	}
	return nil
}

// checkKeys holds the keys of the bundle against those of the signatures.
func (v *verifying) checkKeys() error {
	missing := map[string]bool{}
	for _, s := range v.seal.envelope.Signatures {
		missing[keyName(s.KeyID)] = true
	}
	var unused []string
	for _, name := range v.b.Names() {
		if isKeyName(name) && !missing[name] {
			unused = append(unused, name)
		}
		delete(missing, name)
	}
	gone := slices.Sorted(maps.Keys(missing))
	switch {
	case len(gone) > 0 && len(unused) > 0:
		if content, err := v.b.ReadFile(unused[0]); err == nil {
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

// signers says who signed, by key.
func (v *verifying) signers() string {
	if len(v.signatures) == 0 {
		return "the bundle is not signed"
	}
	ids := make([]string, len(v.signatures))
	for i, s := range v.signatures {
		ids[i] = s.KeyID
	}
	return "it is by " + strings.Join(ids, ", ")
}

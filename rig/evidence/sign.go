package evidence

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Sign adds a signature to a bundle: of a person who has verified it, of a
// second laboratory, or the first of one that was sealed unsigned. Nothing else
// in it changes, and the signatures that it has stay valid. A bundle that is not
// Intact is not signed; whether its verdicts are true, Verify says.
func Sign(path string, private ed25519.PrivateKey) error {
	b, err := Open(path)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Intact(); err != nil {
		return err
	}
	e := b.seal.envelope
	if err := e.sign(private, b.manifest.Signer); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	attestation, err := e.encode()
	if err != nil {
		return err
	}
	public := private.Public().(ed25519.PublicKey)
	files := map[string][]byte{AttestationName: attestation, keyName(KeyID(public)): publicPEM(public)}
	if z, ok := b.store.(*archive); ok {
		return asked(path, z.replace(path, files))
	}
	return replaceIn(path, files)
}

// replaceIn puts files into a folder, the attestation last, each whole or not
// at all.
func replaceIn(dir string, files map[string][]byte) error {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return -storeOrder(a, b) }) // keys before attestation.json
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := replaceFile(path, files[name]); err != nil {
			return asked(path, err)
		}
	}
	return nil
}

func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// replace makes the zip anew beside it, with files in the place of those of the
// same names, and gives it the old one's name.
func (a *archive) replace(path string, files map[string][]byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	z := &zipSink{out: path, file: f, renews: true}
	defer z.abandon()
	names := slices.Clone(a.list)
	for name := range files {
		if a.entries[name] == nil {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, storeOrder)
	for _, name := range names {
		if content, ok := files[name]; ok {
			err = put(z, name, content)
		} else {
			err = a.copyTo(z, name)
		}
		if err != nil {
			return err
		}
	}
	return z.commit()
}

func (a *archive) copyTo(z *zipSink, name string) error {
	in, err := a.open(name)
	if err != nil {
		return err
	}
	w, err := z.reserve(name, in.Size())
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(w, in, make([]byte, chunkBytes))
	return ended(w, err)
}

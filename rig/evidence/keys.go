package evidence

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// KeyVariable is the environment variable that holds a private key: the PEM
// text, or its Base64 part on one line.
const KeyVariable = "SPANRIG_SIGNING_KEY"

const (
	privateType = "PRIVATE KEY" // PKCS#8
	publicType  = "PUBLIC KEY"  // PKIX
	maxKey      = 1 << 16       // bytes of a key file
)

// KeyID names a public key as the libraries of in-toto do, which look a key up
// by it: the SHA-256 of a description of the key in canonical JSON, lower-case hex.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(fmt.Appendf(nil,
		`{"keyid_hash_algorithms":["sha256","sha512"],"keytype":"ed25519","keyval":{"public":"%x"},"scheme":"ed25519"}`, []byte(public)))
	return hex.EncodeToString(sum[:])
}

func publicDER(public ed25519.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err) // an ed25519 key always has that form
	}
	return der
}

func publicPEM(public ed25519.PublicKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicType, Bytes: publicDER(public)})
}

// GenerateKey makes a key pair in the files NAME.key, which is secret, and
// NAME.pub, both of mode 0600. It overwrites nothing.
func GenerateKey(name string) (public ed25519.PublicKey, err error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	if err := writeNew(name+".key", pem.EncodeToMemory(&pem.Block{Type: privateType, Bytes: der})); err != nil {
		return nil, err
	}
	if err := writeNew(name+".pub", publicPEM(public)); err != nil {
		return nil, errors.Join(err, os.Remove(name+".key")) // a key alone would be in the way of the next try
	}
	return public, nil
}

// writeNew writes a file of mode 0600 that must not exist.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists and is not overwritten; give another name", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// LoadPrivateKey reads a private key from a PEM file (PKCS#8), as GenerateKey
// and openssl genpkey -algorithm ed25519 write it. No error shows any of it.
func LoadPrivateKey(path string) (ed25519.PrivateKey, error) {
	content, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	key, err := parsePrivateKey(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return key, nil
}

// EnvironmentKey reads the private key in KeyVariable; nil where it is not set.
func EnvironmentKey() (ed25519.PrivateKey, error) {
	text := os.Getenv(KeyVariable)
	if text == "" {
		return nil, nil
	}
	key, err := parsePrivateKey([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", KeyVariable, err)
	}
	return key, nil
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if len(content) > maxKey {
		return nil, fmt.Errorf("%s is too large for a key", filepath.Base(path))
	}
	return content, err
}

// parsePrivateKey reads PEM, or the Base64 of it without its frame.
func parsePrivateKey(content []byte) (ed25519.PrivateKey, error) {
	text := bytes.TrimSpace(content)
	var der []byte
	if bytes.HasPrefix(text, []byte("-----BEGIN")) {
		block, rest := pem.Decode(text)
		if block == nil || block.Type != privateType || len(bytes.TrimSpace(rest)) > 0 {
			return nil, errors.New("no PEM file with one " + privateType + " (PKCS#8, not encrypted); spanrig evidence keygen makes one")
		}
		der = block.Bytes
	} else {
		var err error
		if der, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), "")); err != nil {
			return nil, errors.New("neither PEM nor Base64; spanrig evidence keygen makes a key")
		}
	}
	rest, err := asn1.Unmarshal(der, new(asn1.RawValue))
	key, invalid := x509.ParsePKCS8PrivateKey(der)
	if err != nil || invalid != nil || len(rest) > 0 {
		return nil, errors.New("no private key in PKCS#8 form; spanrig evidence keygen makes one")
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("no Ed25519 key; spanrig evidence keygen makes one")
	}
	return private, nil
}

// LoadPublicKey reads a public key from a PEM file (PKIX).
func LoadPublicKey(path string) (ed25519.PublicKey, error) {
	content, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	key, err := parsePublicKey(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return key, nil
}

func parsePublicKey(content []byte) (ed25519.PublicKey, error) {
	block, rest := pem.Decode(content)
	if block == nil || block.Type != publicType || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("no PEM file with one " + publicType + "; give the .pub file that spanrig evidence keygen made")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("no public key in PKIX form")
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("no Ed25519 key")
	}
	return public, nil
}

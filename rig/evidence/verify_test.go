package evidence_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
)

// key is a fixed private key for tests, another one for each number.
func key(n byte) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return ed25519.NewKeyFromSeed(seed)
}

func public(n byte) ed25519.PublicKey { return key(n).Public().(ed25519.PublicKey) }

func verify(t testing.TB, path string, keys ...ed25519.PublicKey) (*evidence.Verified, error) {
	t.Helper()
	return evidence.Verify(t.Context(), path, evidence.VerifyOptions{Keys: keys, Tool: "spanrig test"})
}

func TestVerify(t *testing.T) {
	o := options(t)
	o.Key = key(1)
	for _, name := range []string{"bundle", "bundle.zip"} {
		path, sealed := seal(t, "ldm1-tls", name, o)
		v, err := verify(t, path, public(1))
		if err != nil {
			t.Fatal(err)
		}
		if v.Report.Result != sealed.Result || len(v.Signatures) != 1 || !v.Signatures[0].Sealer {
			t.Errorf("%+v", v)
		}
		if _, err := verify(t, path, public(2)); err == nil {
			t.Error("a key that did not sign is not missed")
		}
		if err := evidence.Sign(path, key(2)); err != nil {
			t.Fatal(err)
		}
		if err := evidence.Sign(path, key(2)); err == nil {
			t.Error("signed twice by one key")
		}
		if v, err = verify(t, path, public(2), public(1)); err != nil || len(v.Signatures) != 2 {
			t.Fatal(v, err)
		}
	}
}

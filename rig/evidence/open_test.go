package evidence

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/policy"
)

// alterations change the seal of a bundle and all that hangs on the manifest's
// digests, so that no file differs from what the manifest says of it.
var alterations = []struct {
	name   string
	change func(t *testing.T, f files)
	file   string
}{
	{"a fail made a pass, with its digest in the manifest", func(t *testing.T, f files) {
		f[VerdictsName] = bytes.ReplaceAll(f[VerdictsName], []byte(`"fail"`), []byte(`"pass"`))
		seal := keepSeal(f)
		f.reseal(t, testKey(1), func(m *Manifest) { m.Result = policy.Pass })
		restore(f, seal)
	}, ManifestName},
	{"another time in the manifest", func(_ *testing.T, f files) {
		f[ManifestName] = bytes.Replace(f[ManifestName], []byte(`"sealed":"2026`), []byte(`"sealed":"2024`), 1)
	}, ManifestName},
	{"another time, in sums and statement too", func(t *testing.T, f files) {
		old := f.envelope(t)
		f.reseal(t, testKey(1), func(m *Manifest) { m.Sealed = "2024-01-01T00:00:00Z" })
		e := f.envelope(t)
		e.Signatures = old.Signatures
		var err error
		if f[AttestationName], err = e.encode(); err != nil {
			t.Fatal(err)
		}
	}, AttestationName},
	{"signature taken away", func(t *testing.T, f files) {
		f.envelop(t, nil, f.manifest(t), f.envelope(t).Payload)
		delete(f, keyName(KeyID(testPublic(1))))
	}, AttestationName},
	{"a sum of another file", func(_ *testing.T, f files) { f[SumsName] = swapped(f[SumsName], 0, 1) }, SumsName},
}

// envelope is the one among the files.
func (f files) envelope(t testing.TB) *envelope {
	t.Helper()
	e, err := parseEnvelope(f[AttestationName])
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// keepSeal are the files of the seal, to be put back.
func keepSeal(f files) files {
	kept := files{}
	for name, content := range f {
		if rank(name) == 2 {
			kept[name] = content
		}
	}
	return kept
}

// restore puts all of the seal back but the manifest.
func restore(f, seal files) {
	for name, content := range seal {
		if name != ManifestName {
			f[name] = content
		}
	}
}

// TestOpenHoldsTheSeal: a bundle whose manifest is not the one that was sealed is
// not read, and nobody's signature is added to it.
func TestOpenHoldsTheSeal(t *testing.T) {
	for _, c := range alterations {
		t.Run(c.name, func(t *testing.T) {
			f := trace(t, sealedTrace)
			c.change(t, f)
			for _, path := range []string{f.folder(t), f.zip(t)} {
				b, err := Open(path)
				if err == nil {
					_ = b.Close()
				}
				found(t, err, c.file)
				found(t, Sign(path, testKey(2)), c.file)
				found(t, verified(t, path), c.file)
			}
		})
	}
	path := trace(t, sealedTrace).folder(t)
	before, err := os.ReadFile(filepath.Join(path, AttestationName))
	if err != nil {
		t.Fatal(err)
	}
	if err := Sign(path, testKey(2)); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(filepath.Join(path, AttestationName)); err != nil || bytes.Equal(before, after) {
		t.Error("an untouched bundle is not signed", err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if list := b.Signatures(); len(list) != 2 || !list[0].Sealer || list[1].Sealer {
		t.Errorf("%+v", list)
	}
}

// TestIntact: a changed byte of any file that is no capture is found without
// judging, and nothing is signed.
func TestIntact(t *testing.T) {
	for _, v := range variants {
		whole := trace(t, v.get)
		for _, name := range slices.Sorted(maps.Keys(whole)) {
			f := maps.Clone(whole)
			f[name] = bytes.Clone(f[name])
			f[name][len(f[name])/3] ^= 4
			for _, path := range []string{f.folder(t), f.zip(t)} {
				if err := Sign(path, testKey(2)); !strings.HasSuffix(name, ".pcapng") {
					found(t, err, name)
				} else if err != nil {
					t.Errorf("captures are not read to sign: %v", err)
				}
			}
		}
	}
}

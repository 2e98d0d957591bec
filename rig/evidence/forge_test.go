package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// files are those of a bundle, for tests that change them.
type files map[string][]byte

func testKey(n byte) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return ed25519.NewKeyFromSeed(seed)
}

func testPublic(n byte) ed25519.PublicKey { return testKey(n).Public().(ed25519.PublicKey) }

// sealedTrace is a bundle of a trace, signed by key 1 or not at all.
var sealedTrace = sync.OnceValues(func() (files, error) { return sealTrace(testKey(1)) })

var unsignedTrace = sync.OnceValues(func() (files, error) { return sealTrace(nil) })

func sealTrace(key ed25519.PrivateKey) (files, error) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o, err := testOptions()
	if err != nil {
		return nil, err
	}
	o.Key = key
	out := filepath.Join(dir, "bundle")
	_, err = Seal(context.Background(), "../../fixtures/traces/ldm1-tls", out, o)
	if err != nil {
		return nil, err
	}
	return readFolder(out)
}

// testOptions judge by the shipped policy and the test databases.
func testOptions() (Options, error) {
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		return Options{}, err
	}
	const geo = "../../fixtures/geo/"
	places, err := locate.Open(locate.Config{Geo: []string{geo + "country.mmdb", geo + "country-second.mmdb"}, ASN: []string{geo + "asn.mmdb"}})
	return Options{
		Options: replay.Options{Policy: p, Judge: policy.Options{Geo: places}}, Tool: "spanrig test", By: []Person{{"Ada", "tester"}},
		Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) },
	}, err
}

func readFolder(dir string) (files, error) {
	s, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	f := files{}
	for _, name := range s.names() {
		if f[name], err = readAll(s, name); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func trace(t testing.TB, get func() (files, error)) files {
	t.Helper()
	f, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return maps.Clone(f)
}

// folder and zip write the files as a bundle of each kind.
func (f files) folder(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	for name, content := range f {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (f files) zip(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.zip")
	if err := os.WriteFile(path, f.packed(slices.SortedFunc(maps.Keys(f), storeOrder)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// packed is a zip of our form, of these files in this order.
func (f files) packed(names []string) []byte {
	var out, directory []byte
	for _, name := range names {
		e := &entry{name: name, size: int64(len(f[name])), crc: digestOf(f[name]).crc, offset: int64(len(out))}
		out = append(append(out, e.local()...), f[name]...)
		directory = append(directory, e.directory()...)
	}
	return append(append(out, directory...), ending(len(names), int64(len(out)), int64(len(directory)))...)
}

// reseal makes digests, sums and attestation fit the files again, as somebody
// would who knows how, but judges nothing. change may alter the manifest.
func (f files) reseal(t testing.TB, key ed25519.PrivateKey, change func(*Manifest)) {
	t.Helper()
	m, err := parseManifest(f[ManifestName])
	if err != nil {
		t.Fatal(err)
	}
	m.Files = slices.DeleteFunc(m.Files, func(e File) bool { return f[e.Name] == nil })
	for i := range m.Files {
		e := &m.Files[i]
		d := digestOf(f[e.Name])
		if e.Bytes, e.SHA256 = d.bytes, d.sha256; e.Leaves != nil {
			parts := newLeaves()
			_, _ = parts.Write(f[e.Name])
			e.Leaves = parts.take()
		}
	}
	if change != nil {
		change(m)
	}
	f.close(t, key, m)
}

// close writes the seal for a manifest.
func (f files) close(t testing.TB, key ed25519.PrivateKey, m *Manifest) {
	t.Helper()
	maps.DeleteFunc(f, func(name string, _ []byte) bool { return strings.HasPrefix(name, keysFolder) })
	if m.Signer = ""; key != nil {
		m.Signer = KeyID(key.Public().(ed25519.PublicKey))
		f[keyName(m.Signer)] = publicPEM(key.Public().(ed25519.PublicKey))
	}
	manifest, err := canonical(m)
	if err != nil {
		t.Fatal(err)
	}
	f[ManifestName] = append(manifest, '\n')
	sum := digestOf(f[ManifestName]).sha256
	f[SumsName] = m.sums(sum)
	report, err := parseReport(f[VerdictsName])
	if err != nil {
		t.Fatal(err)
	}
	payload, err := canonical(attest(m, sum, report, m.captures(&rig.Recording{Files: []string{"capture.pcapng"}})))
	if err != nil {
		t.Fatal(err)
	}
	f.envelop(t, key, m, payload)
}

// envelop puts a payload into the envelope.
func (f files) envelop(t testing.TB, key ed25519.PrivateKey, m *Manifest, payload []byte) {
	t.Helper()
	e := &envelope{Payload: payload, PayloadType: PayloadType, Signatures: []signature{}}
	if key != nil {
		if err := e.sign(key, m.Signer); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if f[AttestationName], err = e.encode(); err != nil {
		t.Fatal(err)
	}
}

// manifest is the one among the files.
func (f files) manifest(t testing.TB) *Manifest {
	t.Helper()
	m, err := parseManifest(f[ManifestName])
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func verified(t testing.TB, path string, keys ...ed25519.PublicKey) error {
	t.Helper()
	_, err := Verify(t.Context(), path, VerifyOptions{Keys: keys, Tool: "spanrig test"})
	return err
}

// found checks that verifying finds a difference and names one of the files.
func found(t testing.TB, err error, names ...string) {
	t.Helper()
	var d *Difference
	if !errors.As(err, &d) {
		t.Errorf("%v: got %v, no difference", names, err)
		return
	}
	if strings.ContainsAny(err.Error(), "\n") {
		t.Errorf("more than a line: %q", err)
	}
	if !slices.Contains(names, d.File) {
		t.Errorf("%v: the wrong file is named: %v", names, err)
	}
}

const journalName = "recording/ldm1-tls/journal.jsonl"

// rechain makes the hash chain of a journal anew.
func rechain(t testing.TB, lines [][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := rig.NewJournalWriter(&out)
	for _, line := range lines {
		var keys map[string]any
		if err := json.Unmarshal(line, &keys); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, keys["time"].(string))
		if err != nil {
			t.Fatal(err)
		}
		kind, mono := keys["kind"].(string), time.Duration(keys["mono_ns"].(float64))
		for _, k := range []string{"seq", "time", "mono_ns", "kind", "prev"} {
			delete(keys, k)
		}
		if err := w.Append(at, mono, kind, keys); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// TestForge: what these tests make is a bundle.
func TestForge(t *testing.T) {
	f := trace(t, sealedTrace)
	before := maps.Clone(f)
	f.reseal(t, testKey(1), nil)
	for name := range f {
		if !bytes.Equal(f[name], before[name]) {
			t.Errorf("%s is not made again as it was", name)
		}
	}
	for _, path := range []string{f.folder(t), f.zip(t)} {
		if err := verified(t, path, testPublic(1)); err != nil {
			t.Error(err)
		}
	}
	lines := bytes.Split(bytes.TrimSuffix(f[journalName], []byte("\n")), []byte("\n"))
	if j, err := rig.ParseJournal(rechain(t, lines)); err != nil || !j.Ended {
		t.Errorf("%v", err)
	}
}

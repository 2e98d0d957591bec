package report

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// geo are the test databases, which place the documentation addresses.
func geo(t testing.TB) *locate.Set {
	t.Helper()
	dir := filepath.Join("..", "..", "fixtures", "geo")
	set, err := locate.Open(locate.Config{Geo: []string{filepath.Join(dir, "country.mmdb"), filepath.Join(dir, "country-second.mmdb")}, ASN: []string{filepath.Join(dir, "asn.mmdb")}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func shipped(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// seal makes a bundle of a recording and opens it.
func seal(t testing.TB, recording string, judge policy.Options) *evidence.Bundle {
	t.Helper()
	out := filepath.Join(t.TempDir(), "bundle.zip")
	sealTo(t, recording, out, judge)
	b, err := evidence.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func sealTo(t testing.TB, recording, out string, judge policy.Options) {
	t.Helper()
	o := evidence.Options{Options: replay.Options{Policy: shipped(t), Judge: judge}, Tool: "spanrig test"}
	if _, err := evidence.Seal(t.Context(), recording, out, o); err != nil {
		t.Fatal(err)
	}
}

// pageOf is the page of a bundle.
func pageOf(t testing.TB, b *evidence.Bundle) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, b, "bundle.zip"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

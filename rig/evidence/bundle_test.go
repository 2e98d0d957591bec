package evidence_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

const (
	traces = "../../fixtures/traces"
	geo    = "../../fixtures/geo"
)

// options judge by the shipped policy and the test databases.
func options(t testing.TB) evidence.Options {
	t.Helper()
	p, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	places, err := locate.Open(locate.Config{Geo: []string{filepath.Join(geo, "country.mmdb"), filepath.Join(geo, "country-second.mmdb")}, ASN: []string{filepath.Join(geo, "asn.mmdb")}})
	if err != nil {
		t.Fatal(err)
	}
	return evidence.Options{
		Options: replay.Options{Policy: p, Judge: policy.Options{Geo: places}}, Tool: "spanrig test",
		By: []evidence.Person{{Name: "Ada", Role: "tester"}, {Name: "Bob"}}, Note: "a note",
		Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) },
	}
}

// seal makes a bundle of a trace.
func seal(t testing.TB, trace, name string, o evidence.Options) (string, *policy.Report) {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	r, err := evidence.Seal(t.Context(), filepath.Join(traces, trace), out, o)
	if err != nil {
		t.Fatal(err)
	}
	return out, r
}

func open(t testing.TB, path string) *evidence.Bundle {
	t.Helper()
	b, err := evidence.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestOpen(t *testing.T) {
	for _, name := range []string{"bundle", "bundle.zip"} {
		path, sealed := seal(t, "ldm1-tls", name, options(t))
		b := open(t, path)
		rec, err := b.Recording()
		if err != nil {
			t.Fatal(err)
		}
		if rec.Name != "ldm1-tls" || len(rec.Windows) != 3 || rec.Journal == nil || rec.SHA256 != sealed.Recording.SHA256 {
			t.Errorf("%s: recording %+v", name, rec)
		}
		report, err := b.Report()
		if err != nil || report.Result != policy.Fail || len(report.Verdicts) != len(sealed.Verdicts) {
			t.Errorf("%s: report %v, %v", name, report, err)
		}
		flows, device := 0, 0
		for f, err := range b.Flows() {
			if err != nil {
				t.Fatal(err)
			}
			flows++
			if f.Device != "" {
				device++
			}
		}
		if flows < 10 || device < 10 {
			t.Errorf("%s: %d flows, %d of the device", name, flows, device)
		}
		p, err := b.Policy()
		if err != nil || p.SHA256 != sealed.Policy.SHA256 || p.Claims[0].Quote == "" {
			t.Errorf("%s: policy %+v, %v", name, p, err)
		}
		custody, err := b.Custody()
		if err != nil || len(custody) != 3 || custody[1].By != "Ada" || custody[2].Action != evidence.Witnessed {
			t.Errorf("%s: custody %+v, %v", name, custody, err)
		}
		places, err := b.Places()
		if err != nil || len(places.All()) == 0 || len(places.Files()) != 3 {
			t.Errorf("%s: places %+v, %v", name, places, err)
		}
		if s := b.Signatures(); len(s) != 0 {
			t.Errorf("%s: signatures %v", name, s)
		}
		journal, err := b.ReadFile(b.RecordingFile("journal.jsonl"))
		if err != nil || !bytes.HasPrefix(journal, []byte(`{"seq":1`)) {
			t.Errorf("%s: journal %v", name, err)
		}
	}
}

// TestZip: other programs read the zip, and what comes out is the folder.
func TestZip(t *testing.T) {
	o := options(t)
	dir, _ := seal(t, "clean-rnm", "bundle", o)
	packed, _ := seal(t, "clean-rnm", "bundle.zip", o)
	z, err := zip.OpenReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in) // checks the CRC
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		want, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil || !bytes.Equal(got, want) || f.Mode() != 0o600 {
			t.Errorf("%s: mode %v, %v", f.Name, f.Mode(), err)
		}
	}
	if len(z.File) != len(open(t, dir).Names()) {
		t.Errorf("%d files in the zip", len(z.File))
	}
}

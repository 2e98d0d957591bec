package evidence_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// shipped is the policy that most tests judge by.
var shipped = sync.OnceValues(func() (*policy.Policy, error) { return policy.Load("dji-pilot2") })

// TestCasebook seals every recording of the casebook: the verdicts are those of
// judging it, byte by byte, and the bundle verifies from nothing but itself.
func TestCasebook(t *testing.T) {
	cases := casebook.All()
	for i := range cases {
		if testing.Short() && i%6 != 0 {
			continue
		}
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path, err := c.Build().Save(dir)
			if err != nil {
				t.Fatal(err)
			}
			if c.Judge.Bare {
				path = filepath.Join(path, "capture.pcapng")
			}
			o := evidence.Options{Options: flags(t, c, dir), Tool: "spanrig test"}
			name := "bundle.zip"
			if i%10 == 0 {
				name = "bundle"
			}
			out := filepath.Join(dir, name)
			report, err := evidence.Seal(t.Context(), path, out, o)
			want, judged := replay.Run(t.Context(), path, o.Options)
			if judged != nil {
				if err == nil || err.Error() != judged.Error() {
					t.Fatalf("sealing says %v, judging %v", err, judged)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := asJSON(t, report); !bytes.Equal(got, asJSON(t, want)) {
				t.Errorf("sealed as\n%s\njudged as\n%s", got, asJSON(t, want))
			}
			if _, err := verify(t, out); err != nil {
				t.Error(err)
			}
		})
	}
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// flags are what the flags of a case come to; where it wants databases it gets
// those of the repository, for it is not the verdicts that are tested here.
func flags(t testing.TB, c *casebook.Case, dir string) replay.Options {
	t.Helper()
	j := &c.Judge
	o := replay.Options{Judge: policy.Options{Mode: j.Mode, Trust: j.Trust, AcceptWaivers: j.Accept}}
	if j.Device != "" {
		o.Judge.Devices = []string{j.Device}
	}
	if j.Allow != "" {
		o.Judge.Allow = strings.Split(j.Allow, ",")
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var err error
	if o.Policy, err = shipped(); j.Overlay != "" {
		o.Policy, err = policy.Load(write("lab.yaml", j.Overlay))
	}
	if err != nil {
		t.Fatal(err)
	}
	if j.Baseline != "" {
		if o.Judge.Baseline, err = policy.LoadBaseline(write("baseline.json", j.Baseline)); err != nil {
			t.Fatal(err)
		}
	}
	var places locate.Config
	if j.Ranges != "" {
		places.Ranges = []string{write("ranges.csv", j.Ranges)}
	}
	if j.Countries != nil {
		places.Geo = []string{filepath.Join(geo, "country.mmdb")}
	}
	if j.Systems != nil {
		places.ASN = []string{filepath.Join(geo, "asn.mmdb")}
	}
	if len(places.Ranges)+len(places.Geo)+len(places.ASN) > 0 {
		set, err := locate.Open(places)
		if err != nil {
			t.Fatal(err)
		}
		o.Judge.Geo = set
	}
	return o
}

package replay_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"

	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// options are what the flags of the case come to.
func options(t *testing.T, c *casebook.Case, dir string) replay.Options {
	t.Helper()
	j := &c.Judge
	o := replay.Options{Judge: policy.Options{Mode: j.Mode, Trust: j.Trust, Geo: places(t, j, dir)}}
	name := "dji-pilot2"
	if j.Overlay != "" {
		name = file(t, dir, "lab.yaml", j.Overlay)
	}
	var err error
	if o.Policy, err = policy.Load(name); err != nil {
		t.Fatal(err)
	}
	if j.Allow != "" {
		o.Judge.Allow = strings.Split(j.Allow, ",")
	}
	if j.Baseline != "" {
		if o.Judge.Baseline, err = policy.LoadBaseline(file(t, dir, "baseline.json", j.Baseline)); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// places opens the databases and ranges of a case; nil where it has none.
func places(t *testing.T, j *casebook.Judge, dir string) policy.Locator {
	t.Helper()
	var c locate.Config
	if j.Ranges != "" {
		c.Ranges = []string{file(t, dir, "ranges.csv", j.Ranges)}
	}
	for i, lines := range j.Countries {
		c.Geo = append(c.Geo, database(t, filepath.Join(dir, "country"+strconv.Itoa(i)+".mmdb"), "Test-Country-"+strconv.Itoa(i), lines, func(fields []string) mmdbtype.Map {
			return mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(fields[0])}}
		}))
	}
	if j.Systems != nil {
		c.ASN = []string{database(t, filepath.Join(dir, "asn.mmdb"), "Test-ASN", j.Systems, func(fields []string) mmdbtype.Map {
			n, err := strconv.ParseUint(fields[0], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			return mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(n),
				"autonomous_system_organization": mmdbtype.String(strings.Join(fields[1:], " "))}
		})}
	}
	if c.Ranges == nil && c.Geo == nil && c.ASN == nil {
		return nil
	}
	set, err := locate.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// database writes an MMDB file; each line is a prefix and what record makes of the rest.
func database(t *testing.T, path, kind string, lines []string, record func([]string) mmdbtype.Map) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, RecordSize: 24, BuildEpoch: 1, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		if err := tree.Insert(netipx.PrefixIPNet(netip.MustParsePrefix(fields[0])), record(fields[1:])); err != nil {
			t.Fatal(err)
		}
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := tree.WriteTo(out); err != nil {
		t.Fatal(err)
	}
	return path
}

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

package evidence_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
)

// TestGrounds: a policy that is not the shipped one, what was added to it, trust
// and waivers are named, though a bundle made with them is whole.
func TestGrounds(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	shipped, err := os.ReadFile("../../fixtures/policies/dji-pilot2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	same := write("copy.yaml", string(shipped))
	altered := write("dji-pilot2.yaml", strings.ReplaceAll(string(shipped), "dji.com", "djix.com"))
	own := write("own.yaml", "schema: 1\nname: lab\nextends: dji-pilot2\n")
	overlay := write("ov.yaml", "schema: 1\nname: ov\nwaivers:\n"+strings.Join([]string{waiver("LDM-1"), waiver("LDM-2"), waiver("LDM-3"), waiver("LDM-5")}, ""))
	for _, c := range []struct {
		policy   string
		overlays []string
		standing evidence.Standing
		roles    []evidence.Role
		shipped  []bool
		added    []string
	}{
		{"dji-pilot2", nil, evidence.Shipped, []evidence.Role{evidence.Main}, []bool{true}, nil},
		{same, nil, evidence.Shipped, []evidence.Role{evidence.Main}, []bool{true}, nil},
		{altered, nil, evidence.Altered, []evidence.Role{evidence.Main}, []bool{false}, nil},
		{own, nil, evidence.Foreign, []evidence.Role{evidence.Base, evidence.Main}, []bool{true, false}, nil},
		{"dji-pilot2", []string{overlay}, evidence.Shipped, []evidence.Role{evidence.Main, evidence.Overlay}, []bool{true, false}, []string{"policy/2/ov.yaml"}},
	} {
		p, err := policy.Load(c.policy, c.overlays...)
		if err != nil {
			t.Fatal(err)
		}
		o := options(t)
		o.Policy, o.Judge.Trust, o.Judge.Require, o.Judge.AcceptWaivers = p, "a friend", []string{"LDM-1"}, true
		path, _ := seal(t, "ldm1-tls", "bundle.zip", o)
		v, err := verify(t, path)
		if err != nil {
			t.Fatal(err)
		}
		g := v.Grounds
		var roles []evidence.Role
		var ours []bool
		for _, f := range g.Files {
			roles, ours = append(roles, f.Role), append(ours, f.Shipped)
		}
		if g.Standing != c.standing || !slices.Equal(roles, c.roles) || !slices.Equal(ours, c.shipped) || !slices.Equal(g.Added(), c.added) {
			t.Errorf("%s: %+v", c.policy, g)
		}
		if g.Policy != p.Name || g.SHA256 != p.SHA256 || g.Trust != "a friend" || len(g.Require) != 1 || !g.AcceptWaivers || len(g.Databases) != 3 {
			t.Errorf("%s: %+v", c.policy, g)
		}
		if (len(g.Waived) > 0) != (c.overlays != nil) {
			t.Errorf("%s: waived %+v", c.policy, g.Waived)
		}
	}
}

func waiver(claim string) string {
	return "  - {claim: " + claim + ", endpoint: 0.0.0.0/0, reason: known, owner: me, expires: 2099-01-31}\n"
}

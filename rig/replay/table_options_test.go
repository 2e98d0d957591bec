package replay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// options are what the flags of the case come to.
func options(t *testing.T, c *casebook.Case, dir string) replay.Options {
	t.Helper()
	j := &c.Judge
	o := replay.Options{Judge: policy.Options{Mode: j.Mode, Trust: j.Trust}}
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

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

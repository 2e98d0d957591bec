package casebook_test

import (
	"bytes"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
)

// TestCases builds each case twice: names are distinct, what is wanted reads
// well, and the bytes do not change.
func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range casebook.All() {
		if seen[c.Name] || c.About == "" {
			t.Errorf("%s: a second case of that name, or one that says nothing", c.Name)
		}
		seen[c.Name] = true
		r := c.Build()
		a, b := r.Files(), c.Build().Files()
		for name := range a {
			if !bytes.Equal(a[name], b[name]) {
				t.Errorf("%s: %s differs between two runs", c.Name, name)
			}
		}
		if _, err := c.Expected(c.Windows(r)); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d cases", len(seen))
}

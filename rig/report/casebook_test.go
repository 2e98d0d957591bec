package report

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/policy"
)

// TestCasebook makes the page of every recording of the casebook: each way to
// break a promise, a capture or a journal.
func TestCasebook(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long under -race: left out by -short")
	}
	for _, c := range casebook.All() {
		if c.Error != "" {
			continue // it cannot be judged, so there is no bundle
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			path, err := c.Build().Save(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			judge := policy.Options{Mode: c.Judge.Mode, Allow: strings.FieldsFunc(c.Judge.Allow, func(r rune) bool { return r == ',' }), Trust: c.Judge.Trust, Geo: geo(t)}
			if c.Judge.Device != "" {
				judge.Devices = []string{c.Judge.Device}
			}
			if c.Judge.Bare {
				path = filepath.Join(path, "capture.pcapng")
			}
			sound(t, pageOf(t, seal(t, path, judge)))
		})
	}
}

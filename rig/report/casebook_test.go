package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/captures/synth/casebook"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
)

// TestCasebook makes the page of every recording of the casebook: each way to
// break a promise, a capture or a journal.
func TestCasebook(t *testing.T) {
	for i, c := range casebook.All() {
		if c.Error != "" || testing.Short() && i%12 != 0 {
			continue // it cannot be judged, so there is no bundle; or under -race, where each takes long
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
			b := seal(t, path, judge)
			sound(t, pageOf(t, b))
			agrees(t, b)
		})
	}
}

// agrees holds what is drawn of the controls against what CAP-1 says of them: a
// drawing must not say otherwise than the verdict.
func agrees(t *testing.T, b *evidence.Bundle) {
	t.Helper()
	c, err := open(b, "bundle")
	if err != nil {
		t.Fatal(err)
	}
	s, err := take(c)
	if err != nil {
		t.Fatal(err)
	}
	if c.rec.Journal == nil {
		return
	}
	gaps := s.gaps(c)
	for i, w := range c.verdict.Windows {
		says := slices.IndexFunc(w.Fitness, func(f policy.Check) bool { return f.Check == "CAP-1" })
		if says < 0 {
			continue
		}
		drawn := "" // what is drawn as missing
		for _, g := range gaps {
			if strings.Contains(g.Title+",", fmt.Sprintf("window %d,", i+1)) {
				drawn = g.Title
			}
		}
		for _, try := range s.controls.tries {
			if try.state() == tryLost && try.at >= s.windows[i].from && try.at <= s.windows[i].to {
				drawn = "a control that was answered and is not in the capture"
			}
		}
		if ok := w.Fitness[says].OK; ok != (drawn == "") {
			t.Errorf("window %d: CAP-1 is %v (%s), and the page draws %q", i+1, ok, w.Fitness[says].Saw, drawn)
		}
	}
}

// TestLongNight has more controls than a flow shows names of one address.
func TestLongNight(t *testing.T) {
	r := synth.New("long-night")
	for range 5 {
		r.Standard(long).LDM(long)
	}
	path, err := r.Standard(long).Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, seal(t, path, policy.Options{}))
}

func long(w *synth.Window) { w.Length = 3 * time.Minute }

package controller

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
	"github.com/spanrig/spanrig/rig/strict"
)

// FuzzScreen takes any hierarchy that can be parsed: each selector that a
// survey writes is YAML for a script, and finds a node again.
func FuzzScreen(f *testing.F) {
	p := newPhone()
	p.front, p.pid = true, 7
	for _, page := range []string{"Restricted Settings", "Network Security Mode", "Account"} {
		p.pages = []string{page}
		text, _, _ := p.cat([]string{"cat", "x.xml"})
		f.Add([]byte(text))
	}
	f.Add([]byte(`<hierarchy><node text="a &quot;b&quot;: {c}&#10;" content-desc="\\#" bounds="[0,0][9,9]"><node checkable="true" bounds="[0,0][9,9]"/></node></hierarchy>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := android.ParseHierarchy(b)
		if err != nil {
			return
		}
		screen := tree(h)
		if screen.summary() == "" {
			t.Error("no words for the screen")
		}
		screen.list()
		screen.walk(func(n *node) {
			n.spot()
			n.box()
			line := n.selector()
			if line == "" {
				return
			}
			found, findings := strict.Decode[struct {
				When Selector `yaml:"when"`
			}]("survey", "selector", []byte("when: "+line))
			if len(findings) > 0 {
				t.Fatalf("%s: %v", line, findings)
			}
			if screen.find(&found.When) == nil {
				t.Errorf("%s finds nothing", line)
			}
		})
	})
}

// TestBeside lets everything run at once that may.
func TestBeside(t *testing.T) {
	p := newPhone()
	p.Programs["date"] = func(_ context.Context, _ []string) drivers.Output {
		return drivers.Output{Stdout: []byte("1790661600.000000000\n")}
	}
	c, _ := bench(t, p)
	var all sync.WaitGroup
	for _, f := range []func() error{
		func() error { return c.Stimulate(t.Context(), Tour) },
		func() error { return first(c.ReadMode(t.Context())) },
		func() error { return first(c.ReadApp(t.Context())) },
		func() error { return first(c.ReadRoutes(t.Context())) },
		func() error { return first(c.Photograph(t.Context(), t.TempDir(), "x")) },
		func() error { _, _, err := c.Clock(t.Context()); return err },
	} {
		all.Go(func() {
			for range 3 {
				if err := f(); err != nil && !strings.Contains(err.Error(), "nc") {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

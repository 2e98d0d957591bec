package drift_test

import (
	"testing"

	"github.com/spanrig/spanrig/rig/report/pagetest"
)

// TestBrowser opens the page as people do: light, dark, on a phone. Nothing
// leaves it, the console stays empty, it does not scroll sideways, and axe-core
// has nothing to complain of.
func TestBrowser(t *testing.T) {
	text := example(t)
	for _, view := range []struct {
		name          string
		width, height int
		scheme        string
	}{{"light", 1280, 900, "light"}, {"dark", 1280, 900, "dark"}, {"phone", 400, 800, "light"}} {
		t.Run(view.name, func(t *testing.T) {
			b := pagetest.New(t, view.width, view.height)
			b.Media(t, "screen", "prefers-color-scheme="+view.scheme)
			b.Open(t, text)
			pagetest.Eval[bool](t, b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
			b.Narrow(t)
			b.Keep(t, "drift-"+view.name)
			b.Quiet(t)
			b.Accessible(t, view.name)
		})
	}
}

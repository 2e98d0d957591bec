//go:build live

package report

import (
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/report/pagetest"
	"github.com/spanrig/spanrig/rig/sim/simtest"
)

// TestMain lets this program be the processes of a simulated bench.
func TestMain(m *testing.M) { simtest.Main(m) }

// TestLivePage makes the page of a recording of the simulated bench, screens
// and all, and opens it.
func TestLivePage(t *testing.T) {
	cfg, windows := simtest.Configure(t, simtest.Up(t, "page", "leak-tls"))
	if _, err := record.Run(t.Context(), cfg, windows); err != nil {
		t.Fatal(err)
	}
	text := pageOf(t, seal(t, cfg.Dir, cfg.Judge))
	sound(t, text)
	for _, want := range []string{"Simulated.", "At entry", "The screen says: &#34;Local Data Mode&#34; checked", "data:image/", "Breaks a promise"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	t.Logf("page of the simulated bench: %d kB", len(text)/1000)
	opens(t, text)
	for _, scheme := range []string{"light", "dark"} {
		b := pagetest.New(t, 1280, 900)
		b.Media(t, "screen", "prefers-color-scheme="+scheme, "prefers-reduced-motion=reduce")
		b.Open(t, text)
		b.Keep(t, "simulated-"+scheme)
		b.Quiet(t)
		b.Accessible(t, scheme)
	}
}

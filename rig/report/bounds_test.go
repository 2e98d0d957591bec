package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// TestBounds makes the page of a bundle that has far too much of everything:
// windows, verdicts, controls, readings, screens, listed traffic and files.
func TestBounds(t *testing.T) {
	c, err := open(seal(t, filepath.Join("..", "..", "fixtures", "traces", "ldm1-tls"), policy.Options{Geo: geo(t)}), "bundle")
	if err != nil {
		t.Fatal(err)
	}
	many := 5000
	if testing.Short() {
		many = 2000
	}
	begin := time.Unix(0, c.rec.Windows[0].From).UTC()
	at := func(i int) time.Time { return begin.Add(time.Duration(i) * 20 * time.Second) }
	w, v, l := c.verdict.Windows[1], c.verdict.Verdicts, c.verdict.Listed
	c.rec.Windows = nil
	for i := range many {
		w.From, w.To = at(i).Format(time.RFC3339Nano), at(i+1).Format(time.RFC3339Nano)
		c.verdict.Windows = append(c.verdict.Windows, w)
		one := v[i%len(v)]
		one.Window = fmt.Sprintf("window %d", i)
		c.verdict.Verdicts = append(c.verdict.Verdicts, one)
		c.verdict.Listed = append(c.verdict.Listed, l[i%len(l)])
		c.manifest.Files = append(c.manifest.Files, c.manifest.Files[0])
		c.rec.Windows = append(c.rec.Windows, rig.Window{Name: w.Name, Mode: w.Mode, From: at(i).UnixNano(), To: at(i + 1).UnixNano(), Guard: time.Second, ControlEvery: time.Second})
	}
	c.rec.Journal = busy(t, w.Name, many, at)
	text := renderText(t, c)
	t.Logf("%d kB", len(text)/1000)
	if len(text) > 5_000_000 {
		t.Errorf("the page has %d bytes", len(text))
	}
	sound(t, text)
	for _, want := range []string{"more windows not shown here", "more entries in", "more files in"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say that there are %s", want)
		}
	}
}

// busy is a journal with n lines of every kind that is drawn.
func busy(t testing.TB, window string, n int, at func(int) time.Time) *rig.Journal {
	t.Helper()
	var text bytes.Buffer
	w := rig.NewJournalWriter(&text)
	end := map[string]any{"addr": "10.0.0.2", "port": 7}
	for i := range n {
		for kind, keys := range map[string]map[string]any{
			"mode":     {"window": window, "asked": "ldm", "read": "ldm", "witness": "screen", "at": "end"},
			"screen":   {"window": window, "at": "end", "files": []string{fmt.Sprintf("screens/%d.png", i)}},
			"app":      {"window": window, "pid": 1, "awake": true, "foreground": true},
			"control":  {"window": window, "try": 1, "flow": map[string]any{"proto": "udp", "orig": end, "resp": end}, "answered": i%2 == 0, "by": "rig"},
			"stats":    {"interface": "span0", "received": 100 * i, "dropped": i},
			"routes":   {"captured": "wlan0", "interfaces": []map[string]any{{"name": "wlan0", "up": true, "default4": true}}},
			"stimulus": {"window": window, "stimulus": "tour"},
			"problem":  {"window": window, "error": "it is the " + fmt.Sprint(i) + "th"},
			"step":     {"step": "set mode", "mode": "ldm"},
		} {
			if err := w.Append(at(i), 0, kind, keys); err != nil {
				t.Fatal(err)
			}
		}
	}
	j, err := rig.ParseJournal(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

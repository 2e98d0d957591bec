package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

func leaking(w *synth.Window) {
	w.At(35*time.Second).TLS("flysafe-api.dji.com", "198.51.100.10")
}

// saved leaves a recording in a folder.
func saved(t testing.TB, r *synth.Recording) string {
	t.Helper()
	dir, err := r.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// holds holds what a page has to say, and must not say, against it.
func holds(t *testing.T, text string, want, never []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say: %s", w)
		}
	}
	for _, n := range never {
		if strings.Contains(text, n) {
			t.Errorf("the page says: %s", n)
		}
	}
}

// TestKilled makes the page of a recording whose rig was killed in its last
// window: it ends where it ended, and not where it was planned to.
func TestKilled(t *testing.T) {
	dir := saved(t, synth.New("killed").Standard().LDM().Standard().Interrupt(30*time.Second))
	name := filepath.Join(dir, "windows.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Schema  int              `json:"schema"`
		Windows []map[string]any `json:"windows"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	last := file.Windows[len(file.Windows)-1]
	from, err := time.Parse(time.RFC3339Nano, last["from"].(string))
	if err != nil {
		t.Fatal(err)
	}
	last["to"] = from.Add(10 * time.Minute).Format(time.RFC3339Nano)
	if text, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	page := pageOf(t, seal(t, dir, policy.Options{}))
	sound(t, page)
	holds(t, page, []string{
		"10:00:00 UTC, 3 min 08 s", "<strong>Interrupted.</strong> The journal of the rig has no end",
		"Its last line stands at 2:30.1, in window 3, standard/idle, which was to last until 12:09.0; frames were recorded for 38 s more",
		"UTC, cut off after 59 s; it was to last until 10:12:09", "from 2:09.0 on, cut off; it was to last until 12:09.0",
		"<title>nothing of the rig after its last line at 2:30.1</title>",
	}, []string{"12 min", "Nothing broken"})
}

// TestKilledContact makes the page of a recording that was killed before the
// mode was read back, with a contact in it: the first screen says so.
func TestKilledContact(t *testing.T) {
	page := pageOf(t, seal(t, saved(t, synth.New("interrupted").Standard().LDM(leaking).Standard().Interrupt(100*time.Second)), policy.Options{}))
	holds(t, page, []string{"<strong>Interrupted.</strong>", " flows seen may break LDM-1, LDM-2 and LDM-3</p>", "Whether a promise is broken by that is open"},
		[]string{"Nothing broken", "No flow was seen"})
}

// TestBrokenOff makes the page of a run that somebody ended, and of one that lacks
// a window.
func TestBrokenOff(t *testing.T) {
	c, err := open(seal(t, saved(t, synth.New("ended").Standard().LDM()), policy.Options{}), "bundle")
	if err != nil {
		t.Fatal(err)
	}
	at := c.rec.Journal.Last() - int64(time.Second)
	w := c.verdict.Windows[0]
	w.Fit, w.Name, w.From, w.To = false, "ldm/late", time.Unix(0, at-1).UTC().Format(time.RFC3339Nano), time.Unix(0, at+1).UTC().Format(time.RFC3339Nano)
	c.verdict.Windows = append(c.verdict.Windows, w)
	c.rec.Journal.Skipped = []rig.SkippedWindow{{Time: at, Window: "ldm/late", Reason: "interrupted"}}
	page := renderText(t, c)
	sound(t, page)
	holds(t, page, []string{"<strong>Interrupted.</strong> The run was broken off at ", "1 window of the plan was not recorded.", "3 windows, 1 of them not recorded", "<dd>not recorded: interrupted</dd>", "</svg>not recorded</td>"},
		[]string{"window 3, ldm/late"})
	c.rec.Journal.Skipped[0].Reason = "the device could not be recovered"
	holds(t, renderText(t, c), []string{"<strong>Not whole.</strong> 1 window of the plan was not recorded: the device could not be recovered."}, []string{"Interrupted."})
}

// TestWhole says nothing of that where there is nothing to say.
func TestWhole(t *testing.T) {
	holds(t, pageOf(t, seal(t, filepath.Join("..", "..", "fixtures", "traces", "clean-ldm"), policy.Options{})), nil,
		[]string{"Interrupted.", "Not whole.", "not recorded", "cut off", "Another policy", "Waivers accepted", "Device guessed", `class="dark"`})
}

// TestTicks holds the times on the axis against what a reader expects of them.
func TestTicks(t *testing.T) {
	round := map[int64]bool{}
	for _, s := range steps {
		round[s] = true
	}
	for seconds := int64(0); seconds < 40*86400; seconds += 1 + seconds/997 {
		a := axis{1, 1 + seconds*1e9}
		list := a.ticks()
		if list[0] != 0 || len(list) > 11 || seconds > 5 && len(list) < 4 {
			t.Fatalf("%d s: %d", seconds, list)
		}
		if len(list) > 1 && !round[list[1]] && list[1]%86400 != 0 {
			t.Fatalf("%d s: steps of %d s are not round", seconds, list[1])
		}
	}
	s := &survey{axis: axis{1, 1 + 620*1e9}}
	list := s.ticks()
	if list[len(list)-1].Label != "10:00" || list[1].Label != "1:00" {
		t.Errorf("%v", list)
	}
	s.axis.to = 1 + 600*1e9
	if list = s.ticks(); list[len(list)-1].Anchor != "end" || list[0].Anchor != "middle" {
		t.Errorf("the last label is cut: %v", list)
	}
}

//go:build live

package record

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
)

// because is why a claim has its result in a window.
func because(r *policy.Report, claim, window string) string {
	for _, v := range r.Verdicts {
		if v.Claim == claim && v.Window == window {
			return string(v.Result) + " " + v.Because
		}
	}
	return ""
}

// TestLiveStimulusFails: a stimulus that the device refuses proves nothing, and
// the window is recorded to its end all the same.
func TestLiveStimulusFails(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-stim")
	h.fails = errors.New("the button is greyed out")
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "standard/talk"))
	if err != nil || len(result.Problems) != 3 || len(result.Skipped) != 0 {
		t.Fatalf("%v, problems %v, skipped %v", err, result.Problems, result.Skipped)
	}
	report := replayed(t, cfg, result)
	if got := because(report, "CTRL-1", "ldm/talk"); !strings.HasPrefix(got, "inconclusive") || !strings.Contains(got, "greyed out") {
		t.Errorf("CTRL-1 %s", got)
	}
	if got := because(report, "LDM-1", "ldm/talk"); !strings.HasPrefix(got, "inconclusive") {
		t.Errorf("LDM-1 %s", got)
	}
	rec := opened(t, cfg)
	for _, w := range rec.Windows {
		if w.To-w.From < int64(2*time.Second) {
			t.Errorf("%s took %v", w.Name, time.Duration(w.To-w.From))
		}
	}
}

// TestLiveRecovered: one loose cable costs one window.
func TestLiveRecovered(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-back")
	h.returns = true
	h.acted = func(what string) {
		if what == "stimulate plug" {
			h.mu.Lock()
			h.gone = true
			h.mu.Unlock()
		}
	}
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/plug", "standard/talk", "ldm/talk", "standard/talk"))
	if err != nil || len(result.Problems) != 1 || len(result.Skipped) != 0 || h.recover != 1 {
		t.Fatalf("%v, problems %v, skipped %v, %d recoveries", err, result.Problems, result.Skipped, h.recover)
	}
	if got := because(replayed(t, cfg, result), "LDM-1", "ldm/talk"); !strings.HasPrefix(got, "pass") {
		t.Errorf("LDM-1 %s", got)
	}
}

// TestLiveUnplugged: the device speaks while the mirror port has no link, which
// is back before the next control. What was not seen is not proven.
func TestLiveUnplugged(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-link")
	h.acted = func(what string) {
		h.mu.Lock()
		mode := h.mode
		h.mu.Unlock()
		if what == "stimulate talk" && mode == drivers.LocalData {
			time.Sleep(1100 * time.Millisecond) // the recorder asks for the link each second: before, the window before may have had none
			err := errors.Join(h.wire.SPANLink(false), h.talk(context.Background(), "the dark"), h.wire.SPANLink(true))
			if err != nil {
				t.Error(err)
			}
		}
	}
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "standard/talk"))
	if err != nil || len(result.Problems) != 1 || !strings.Contains(result.Problems[0].Error(), "window ldm/talk: the mirror port had no link") {
		t.Fatalf("%v, problems %v", err, result.Problems)
	}
	report := replayed(t, cfg, result)
	for claim, want := range map[string]string{"CAP-2": "the mirror port " + h.wire.SPAN() + " had no link", "LDM-1": "not proven", "LDM-2": "not proven"} {
		if got := because(report, claim, "ldm/talk"); !strings.HasPrefix(got, "inconclusive ") || !strings.Contains(got, want) {
			t.Errorf("%s %s", claim, got)
		}
	}
	if got := because(report, "CAP-2", "standard/talk"); !strings.HasPrefix(got, "pass") {
		t.Errorf("CAP-2 of the window before: %s", got)
	}
}

// TestLiveNotReached: a mode that is never reached leaves a window that says so.
func TestLiveNotReached(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-not")
	h.acted = func(what string) {
		if what == "set mode ldm" {
			h.mu.Lock()
			h.refuses, h.mode = errors.New("a dialog is in the way"), drivers.Unknown
			h.mu.Unlock()
		}
	}
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "standard/talk"))
	if err != nil || len(result.Problems) != 1 || h.recover != 1 {
		t.Fatalf("%v, problems %v, %d recoveries", err, result.Problems, h.recover)
	}
	report := replayed(t, cfg, result)
	for _, claim := range []string{"MODE-1", "LDM-1", "LDM-2"} {
		if got := because(report, claim, "ldm/talk"); !strings.HasPrefix(got, "inconclusive") {
			t.Errorf("%s %s", claim, got)
		}
	}
	if report.Result != policy.Inconclusive {
		t.Errorf("all in all %s", report.Result)
	}
}

// TestLiveUnequipped: what the bench cannot do leaves a window with the reason.
func TestLiveUnequipped(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-lack")
	h.lacks = "reboot"
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "ldm/reboot", "standard/talk"))
	if err != nil || len(result.Problems) != 0 || len(result.Skipped) != 1 {
		t.Fatalf("%v, problems %v, skipped %v", err, result.Problems, result.Skipped)
	}
	report := replayed(t, cfg, result)
	if got := because(report, "MODE-1", "ldm/reboot"); got != "inconclusive the window was not recorded: no switch for it" {
		t.Errorf("MODE-1 %s", got)
	}
	if got := because(report, "LDM-1", "ldm/talk"); !strings.HasPrefix(got, "pass") {
		t.Errorf("LDM-1 %s", got)
	}
}

// TestLiveNoGap: windows of one mode that follow each other leave no moment
// between them in which the device could speak unseen.
func TestLiveNoGap(t *testing.T) {
	h := newBench(t, "rec-gap")
	entered := 0
	h.acted = func(what string) {
		if what == "set mode ldm" {
			entered++
		}
	}
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "ldm/talk", "standard/talk"))
	if err != nil || len(result.Problems) != 0 || entered != 1 {
		t.Fatalf("%v, problems %v, ldm was entered %d times", err, result.Problems, entered)
	}
	rec := opened(t, cfg)
	if gap := time.Duration(rec.Windows[2].From - rec.Windows[1].To); gap > 20*time.Millisecond {
		t.Errorf("%v between the two", gap)
	}
	if got := because(replayed(t, cfg, result), "LDM-1", "ldm/talk"); !strings.HasPrefix(got, "pass") {
		t.Errorf("LDM-1 %s", got)
	}
}

// TestLiveLeaving: a window ends before the first step that leaves its mode.
func TestLiveLeaving(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-leave")
	h.acted = func(what string) {
		if what == "set mode standard" {
			if err := h.talk(context.Background(), "leaving"); err != nil {
				t.Error(err)
			}
		}
	}
	cfg := session(t, h)
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "standard/talk"))
	if err != nil || len(result.Problems) != 0 {
		t.Fatalf("%v, problems %v", err, result.Problems)
	}
	if got := because(replayed(t, cfg, result), "LDM-1", "ldm/talk"); !strings.HasPrefix(got, "pass") {
		t.Errorf("LDM-1 %s", got)
	}
}

func opened(t *testing.T, c Config) *rig.Recording {
	t.Helper()
	rec, err := rig.Open(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

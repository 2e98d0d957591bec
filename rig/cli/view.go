package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/report"
)

// view shows on a terminal how a recording stands: two lines that are drawn
// anew, and each event above them. In a pipe it is quiet but for events. It is
// the [manual.Page] of the person at the bench: what is said to them stays, and
// while a question is open nothing is drawn.
type view struct {
	t     terminal
	bench string

	mu    sync.Mutex
	next  time.Time
	lines int      // on the screen
	asked bool     // a question waits for its answer
	begun bool     // the cursor stands behind something that stays
	held  []string // events that came meanwhile
}

func newView(w io.Writer, bench string) *view { return &view{t: newTerminal(w), bench: bench} }

// show takes what the session tells, several times a second.
func (v *view) show(s record.Status) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.Event != "" {
		v.held = append(v.held, s.Event)
	}
	now := time.Now()
	if v.asked || s.Event == "" && now.Before(v.next) {
		return
	}
	v.next = now.Add(time.Second / 4)
	v.tell()
	if v.t.width == 0 {
		return
	}
	v.clear()
	lines := []string{v.where(s), v.counts(s)}
	for _, l := range lines {
		fmt.Fprintln(v.t.w, fit(l, min(len([]rune(l)), v.t.width-1)))
	}
	v.lines = len(lines)
}

// tell prints the events that were held.
func (v *view) tell() {
	for _, event := range v.held {
		v.clear()
		fmt.Fprintln(v.t.w, v.t.style(yellow, printable(event)))
	}
	v.held = nil
}

// clear takes the view's own lines away, and goes to a line of its own where
// others have begun one.
func (v *view) clear() {
	if v.lines > 0 {
		fmt.Fprintf(v.t.w, "\x1b[%dA\x1b[J", v.lines)
		v.lines = 0
	}
	if v.begun {
		fmt.Fprintln(v.t.w)
		v.begun = false
	}
}

// done takes the lines away.
func (v *view) done() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tell()
	v.clear()
}

// where says which window is open, in which mode.
func (v *view) where(s record.Status) string {
	if s.Window == "" {
		return v.bench + "  " + orText(s.Step, "between windows")
	}
	of := ""
	if s.Total > 0 {
		of = fmt.Sprintf(" of %d", s.Total)
	}
	text := fmt.Sprintf("%s  window %d%s  %s", v.bench, s.Number, of, s.Window)
	if s.Into > 0 {
		text += fmt.Sprintf("  %d s of %d s", int(s.Into.Seconds()), int(s.Length.Seconds()))
	}
	return fmt.Sprintf("%s  mode %s  %s", text, modeText(s.Mode), s.Step)
}

func modeText(m drivers.Mode) string {
	if m == drivers.Unknown {
		return "unknown"
	}
	return string(m)
}

// counts says what was seen, and whether the sensor is alive.
func (v *view) counts(s record.Status) string {
	parts := []string{
		fmt.Sprintf("%s packets, %s", report.Thousands(s.Packets), report.Size(s.Bytes)),
		fmt.Sprintf("%d dropped", s.Port.Dropped),
		fmt.Sprintf("controls %d of %d", s.Controls, s.Slots),
	}
	switch {
	case s.App.Witness == "" && s.App.PID == 0:
	case !s.App.Running:
		parts = append(parts, "app not running")
	case !s.App.Awake || !s.App.Foreground:
		parts = append(parts, "app not on the screen")
	default:
		parts = append(parts, "app on the screen")
	}
	if s.Port.NoLink != "" {
		parts = append(parts, "no link on "+s.Port.NoLink)
	}
	if s.Problems > 0 {
		parts = append(parts, fmt.Sprintf("problems %d", s.Problems))
	}
	return strings.Join(parts, "  ")
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

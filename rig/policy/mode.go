package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
)

// judgeMode is MODE-1.
func judgeMode(v *view, s *span) outcome {
	if v.rec.Bare {
		return unproven("the mode was not read back")
	}
	if n := len(s.entry); n > 0 {
		if last := s.entry[n-1]; last.Read != "" && last.Read != s.Mode {
			return outcome{result: Errored, because: fmt.Sprintf("asked for %s, but after entry the %s read %s", s.Mode, screenOr(last), last.Read)}
		}
	}
	if n := len(s.end); n > 0 {
		for _, m := range s.end {
			if m.Read != "" && m.Read != s.Mode {
				return outcome{result: Fail, because: fmt.Sprintf("%s at entry, but at the end the %s read %s", s.Mode, screenOr(m), m.Read)}
			}
		}
	}
	_, entered := s.readBack()
	ended := slices.ContainsFunc(s.end, func(m rig.ModeReading) bool { return m.Read == s.Mode })
	switch {
	case s.skipped != "":
		return unproven("the window was not recorded: " + s.skipped)
	case !entered:
		return unproven("the mode was not read back after entry")
	case !ended:
		return unproven("the mode was not read back at the end")
	}
	return proven(fmt.Sprintf("%s read %s at entry and at the end", screenOr(s.entry[len(s.entry)-1]), s.Mode))
}

func screenOr(m rig.ModeReading) string {
	if m.Witness == "" {
		return "unnamed witness"
	}
	return m.Witness
}

// judgeApp is APP-1: the app was there to talk, all the time.
func judgeApp(v *view, s *span) outcome {
	if len(s.apps) == 0 {
		return unproven("the app's process was not read")
	}
	var third [3]bool
	for _, a := range s.apps {
		if _, read := process(a); !read {
			return unproven(fmt.Sprintf("the reading at %s has no process", secondsText(s.since(a.Time, 0))))
		}
		part := (a.Time - s.from) * 3 / max(s.to-s.from, 1)
		third[min(max(part, 0), 2)] = true
	}
	restarts := under(s, "reboot", "restart", "relaunch") && s.failed == ""
	if !restarts {
		if text := crash(s); text != "" {
			return outcome{result: Errored, because: text}
		}
	}
	for i, a := range s.apps {
		if inner := i > 0 && i < len(s.apps)-1; restarts && inner {
			continue
		}
		if pid, _ := process(a); pid == 0 || !a.Awake || !a.Foreground {
			return unproven(fmt.Sprintf("at %s the app was %s", secondsText(s.since(a.Time, 0)), appState(a)))
		}
	}
	for i, name := range [3]string{"start", "middle", "end"} {
		if !third[i] {
			return unproven("the app's process was not read at the " + name + " of the window")
		}
	}
	last := s.apps[len(s.apps)-1]
	if last.PID == nil {
		return proven(fmt.Sprintf("the operator saw it running, awake and in the foreground in %d readings", len(s.apps)))
	}
	return proven(fmt.Sprintf("process %d awake and in the foreground in %d readings", *last.PID, len(s.apps)))
}

// seen is the process of an app that a person saw running, not restarted since.
const seen = -1

// process is what a reading says of the app's process, 0 where it does not
// run, and whether it says anything.
func process(a rig.AppReading) (pid int, read bool) {
	switch {
	case a.PID != nil:
		return *a.PID, true
	case a.Witness != "operator":
		return 0, false
	case a.Running:
		return seen, true
	}
	return 0, true
}

// crash says so where the process went away or is another one.
func crash(s *span) string {
	first, _ := process(s.apps[0])
	for _, a := range s.apps {
		if pid, _ := process(a); first > 0 && pid != first {
			return fmt.Sprintf("the app crashed: process %d at the start, %d at %s", first, pid, secondsText(s.since(a.Time, 0)))
		}
	}
	return ""
}

func appState(a rig.AppReading) string {
	switch pid, _ := process(a); {
	case pid == 0:
		return "not running"
	case !a.Awake:
		return "not awake"
	}
	return "not in the foreground"
}

// under reports whether the stimulus of the window has one of the words.
func under(s *span, words ...string) bool {
	parts := strings.FieldsFunc(strings.ToLower(s.Stimulus), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(words, p) })
}

// judgeSpeech is CTRL-1: with the same stimulus the app does talk where it may.
func judgeSpeech(v *view, s *span) outcome {
	if s.failed != "" {
		return unproven(fmt.Sprintf("stimulus %q could not be given: %s", s.Stimulus, s.failed))
	}
	var before, after string
	for i := range v.spans {
		w := &v.spans[i]
		if w.Mode != rig.ModeStandard || w.Stimulus != s.Stimulus || w.failed != "" {
			continue
		}
		spoken := v.spoken(w)
		switch {
		case spoken == "":
		case w.to <= s.from:
			before = spoken
		case w.from >= s.to && after == "":
			after = spoken
		}
	}
	switch {
	case before == "" && after == "":
		return unproven(fmt.Sprintf("in no standard window under stimulus %q did the app exchange payload with the first party", s.Stimulus))
	case before == "":
		return unproven(fmt.Sprintf("in no standard window before this one under stimulus %q did the app exchange payload with the first party", s.Stimulus))
	case after == "":
		return unproven(fmt.Sprintf("in no standard window after this one under stimulus %q did the app exchange payload with the first party", s.Stimulus))
	}
	return proven(fmt.Sprintf("before: %s; after: %s", before, after))
}

// spoken names the first-party endpoint with which payload went both ways in
// a window; empty where none.
func (v *view) spoken(s *span) string {
	for i := range v.flows {
		f := &v.flows[i]
		if f.who.party != party.First || !f.transfers() {
			continue
		}
		if sum(f.Flow, int(captures.Orig), v.cuts, s.from, s.to).Payloads > 0 && sum(f.Flow, int(captures.Resp), v.cuts, s.from, s.to).Payloads > 0 {
			return fmt.Sprintf("%s in %s", f.name(), s.Name)
		}
	}
	return ""
}

package suite

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/spanrig/spanrig/rig"
)

// troubleName is under which report entries and the case of the rig are found.
const troubleName = "rig"

const rigFailed = "the rig failed, which is no verdict on the product"

// trouble is something that went wrong with the rig, or that was planned and did
// not happen. It is no verdict on the product, and verdicts that pass do not
// make up for it.
type trouble struct {
	text    string
	windows []string // that it was about
}

func (t trouble) String() string {
	switch len(t.windows) {
	case 0:
		return t.text
	case 1:
		return "window " + t.windows[0] + ": " + t.text
	}
	return "windows " + strings.Join(t.windows, ", ") + ": " + t.text
}

// troubles lists those that a journal tells of.
func troubles(j *rig.Journal) []trouble {
	if j == nil {
		return []trouble{{text: "it has no journal"}}
	}
	var list []trouble
	add := func(window, text string) {
		text = strings.ReplaceAll(text, "\n", "; ")
		i := slices.IndexFunc(list, func(t trouble) bool { return t.text == text })
		if i < 0 {
			i = len(list)
			list = append(list, trouble{text: text})
		}
		if window != "" {
			list[i].windows = append(list[i].windows, window)
		}
	}
	for _, e := range j.Entries {
		var line struct {
			Window, Error, Then, Reason, Step string
			Complete                          *bool
		}
		_ = json.Unmarshal(e.Line, &line) // the kind counts, whatever else can be read
		switch {
		case e.Kind == "problem" && line.Then == "": // else one more try followed
			add(line.Window, line.Error)
		case e.Kind == rig.KindSkipped:
			add(line.Window, "not recorded: "+line.Reason)
		case e.Kind == rig.KindStep && line.Step == "interrupted":
			add(line.Window, "interrupted")
		case e.Kind == rig.KindEnd && line.Complete != nil && !*line.Complete && len(list) == 0:
			add("", "it is not complete")
		}
	}
	if !j.Ended {
		add("", "it has no end: the process that recorded was stopped")
	}
	return list
}

// note keeps what went wrong with the rig.
func (l *live) note(trouble string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.troubles = append(l.troubles, trouble)
}

// trouble is the first that the rig had; empty where it had none.
func (l *live) trouble() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.troubles) == 0 {
		return ""
	}
	return l.troubles[0]
}

// untold lists the troubles that this was not asked for yet.
func (l *live) untold() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.troubles[l.told:]
	l.told = len(l.troubles)
	return list
}

// tell leaves the rig's new troubles in the report of the spec that has just
// ended: from there they reach the one process that reports on all.
func (s *Suite) tell() {
	if s.live == nil {
		return
	}
	for _, t := range s.live.untold() {
		ginkgo.AddReportEntry(troubleName, t, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
}

// told lists the rig's troubles in a report, each once.
func told(r ginkgo.Report) []string {
	var list []string
	for _, spec := range r.SpecReports {
		for _, e := range spec.ReportEntries {
			if t := e.StringRepresentation(); e.Name == troubleName && !slices.Contains(list, t) {
				list = append(list, t)
			}
		}
	}
	return list
}

package policy

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig"
)

// inWindow picks the lines of the journal that are about the window under test.
func inWindow[T any](s *scene, list []T, window func(*T) string) []*T {
	var picked []*T
	for i := range list {
		if window(&list[i]) == s.tested().Name {
			picked = append(picked, &list[i])
		}
	}
	return picked
}

func (s *scene) tries() []*rig.ControlTry {
	return inWindow(s, s.rec.Journal.Controls, func(c *rig.ControlTry) string { return c.Window })
}

// without removes the k-th control of the window under test: its line, its
// frames, or both; k counts from the end where it is negative.
func without(s *scene, k int, line, request, answer bool) {
	tries := s.tries()
	if k < 0 {
		k += len(tries)
	}
	id := *tries[k].Flow.ICMPID
	for _, t := range s.talks {
		if t.EchoID == id {
			t.events = slices.DeleteFunc(t.events, func(e event) bool { return request && e.kind == "open" || answer && e.kind == "reply" })
		}
	}
	s.talks = slices.DeleteFunc(s.talks, func(t *talk) bool { return len(t.events) == 0 })
	if line {
		s.rec.Journal.Controls = slices.DeleteFunc(s.rec.Journal.Controls, func(c rig.ControlTry) bool { return *c.Flow.ICMPID == id })
	}
}

func TestCAP1(t *testing.T) {
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string // empty: pass
	}{
		"clean":                  {func(*scene) {}, ""},
		"no start":               {func(s *scene) { without(s, 0, true, true, true) }, "no control at the start"},
		"no end":                 {func(s *scene) { without(s, -1, true, true, true); without(s, -1, true, true, true) }, "no control at the end"},
		"a slot without a try":   {func(s *scene) { without(s, 3, true, true, true) }, "no control for 20.0 s after 21.0 s"},
		"answer unseen":          {func(s *scene) { without(s, 3, false, false, true) }, "the device reports an answer at 31.0 s that the capture lacks"},
		"request unseen":         {func(s *scene) { without(s, 3, false, true, false) }, "that the capture lacks"},
		"all unseen":             {func(s *scene) { without(s, 3, false, true, true) }, "that the capture lacks"},
		"rig's answer unseen":    {func(s *scene) { without(s, 3, false, false, true); s.tries()[3].By = "rig" }, "the rig reports"},
		"unanswered":             {func(s *scene) { without(s, 3, false, false, true); s.tries()[3].Answered = false }, "has no answer in the capture"},
		"no controls":            {func(s *scene) { s.rec.Journal.Controls = nil }, "no control in the journal"},
		"answered on second try": {secondTry(2), ""},
		"on the third":           {secondTry(3), ""},
		"on the fourth":          {secondTry(4), "has no answer in the capture"},
		"of another station":     {otherStation, "neither of which is known as the device"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			c.script(s)
			v := cells(s.judge())["CAP-1 ldm/idle"]
			if c.want == "" && (v.Result != Pass || !strings.HasPrefix(v.Because, "7 of 7 slots")) || c.want != "" && (v.Result != Inconclusive || !strings.Contains(v.Because, c.want)) {
				t.Errorf("%s %q, want %q", v.Result, v.Because, c.want)
			}
		})
	}
}

// otherStation has the controls of the window come from nobody that is known.
func otherStation(s *scene) {
	for i, try := range s.tries() {
		for _, t := range s.talks {
			if t.EchoID == *try.Flow.ICMPID {
				t.MAC[captures.Orig], t.Orig.Addr = otherMAC, netip.MustParseAddr("10.0.0.77")
				s.tries()[i].Flow.Orig = netip.AddrPortFrom(t.Orig.Addr, 0)
			}
		}
	}
}

// secondTry has the control of one slot answered on its n-th try only.
func secondTry(n int) func(s *scene) {
	return func(s *scene) {
		without(s, 3, false, false, true)
		first := s.tries()[3]
		first.Answered = false
		journal := s.rec.Journal
		k := slices.IndexFunc(journal.Controls, func(c rig.ControlTry) bool { return *c.Flow.ICMPID == *first.Flow.ICMPID })
		for try := 2; try <= n; try++ {
			line := *s.ping(s.tested().Name, 101+0.2*float64(try), try == n, try == n)
			journal.Controls = journal.Controls[:len(journal.Controls)-1]
			line.Try = try
			k++
			journal.Controls = slices.Insert(journal.Controls, k, line)
		}
	}
}

func TestCAP2(t *testing.T) {
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string
	}{
		"few acknowledgements": {func(s *scene) { s.set.Summary.ACKs, s.set.Summary.Gaps = 99, 9 }, ""},
		"one in a thousand":    {func(s *scene) { s.set.Summary.ACKs, s.set.Summary.Gaps = 2000, 2 }, ""},
		"more gaps":            {func(s *scene) { s.set.Summary.ACKs, s.set.Summary.Gaps = 1999, 2 }, "2 of 1999 TCP acknowledgements"},
		"dropped":              {func(s *scene) { s.rec.Journal.Stats[1].Dropped = 1 }, "the kernel dropped 1 frame"},
		"frozen":               {func(s *scene) { s.rec.Journal.Stats[0].Freezes = 2 }, "froze 2 times"},
		"damaged":              {func(s *scene) { s.set.Summary.Fault = &captures.Fault{What: "record cut", Offset: 77} }, "record cut at byte 77"},
		"dropped by the file": {func(s *scene) {
			s.set.Summary.Source.Interfaces = []captures.InterfaceStats{{Name: "eth0", Reported: true, Dropped: 4}}
		}, "4 frames dropped on eth0"},
		"clock set":            {func(s *scene) { s.rec.Journal.ClockSteps = []rig.ClockStep{{Time: at(100), By: -30}} }, "the host's clock was set by -30.0 s"},
		"link lost":            {link(true, 1, 100), "no link for up to 30s of the window"},
		"no link at the end":   {link(false, 1, 100), "no link for up to 30s of the window"},
		"link lost after":      {link(true, 1, 131), ""},
		"lost twice":           {link(true, 2, 131), "no link for up to 1m0s of the window"},
		"no link at the start": {func(s *scene) { s.rec.Journal.Stats[0].Up = new(bool) }, "no link for up to 1m0s of the window"},
		"another port":         {func(s *scene) { link(false, 1, 100)(s); s.rec.Journal.Stats[1].Interface = "span1" }, "mirror port span1 had no link"},
		"no statistics":        {func(s *scene) { s.rec.Journal.Stats = nil }, "no statistics"},
		"statistics too early": {func(s *scene) { s.rec.Journal.Stats = s.rec.Journal.Stats[:1] }, "no statistics"},
		"head cut":             {func(s *scene) { s.tcp(100, thirdAddr, 443).tls("x.system.test").HeadCut = true }, "1 flow cut by the snap length"},
		"head cut elsewhere":   {func(s *scene) { s.tcp(20, thirdAddr, 443).tls("x.system.test").close(30).HeadCut = true }, ""},
		"answer cut elsewhere": {func(s *scene) { s.asks(20, "x.system.test", routerAddr).HeadCut = true }, "1 flow cut by the snap length"},
		"answer cut later":     {func(s *scene) { s.asks(150, "x.system.test", routerAddr).HeadCut = true }, ""},
		"interrupted after":    {func(s *scene) { s.rec.Journal.Ended = false }, ""},
		"interrupted inside":   {func(s *scene) { s.rec.Journal.Ended, s.rec.Journal.Entries[0].Time = false, at(120) }, "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			c.script(s)
			r := s.judge()
			lines := []string{}
			if c.want != "" {
				lines = append(unfit(rig.ModeLocalData), "CAP-2 inconclusive "+c.want)
			}
			expect(t, r, "ldm/idle", lines...)
		})
	}
}

// link has the last statistics, which are from after the windows, count losses
// of the link, which was last there at a second.
func link(up bool, losses uint64, second float64) func(s *scene) {
	return func(s *scene) {
		there, lost := true, time.Unix(0, at(second))
		st := s.rec.Journal.Stats
		st[0].Up = &there
		st[1].Up, st[1].LinkLosses, st[1].LinkLost = &up, losses, &lost
	}
}

func TestCAP3(t *testing.T) {
	add := func(name string) func(s *scene) {
		return func(s *scene) {
			r := &s.rec.Journal.Routes[1]
			r.Interfaces = append(slices.Clone(r.Interfaces), rig.InterfaceRoutes{Name: name, Default6: true})
		}
	}
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string
	}{
		"dummy":       {add("dummy0"), ""},
		"modem":       {add("rmnet0"), "interface rmnet0 has a default route"},
		"unread":      {func(s *scene) { s.rec.Journal.Routes = nil }, "not read at the start"},
		"start only":  {func(s *scene) { s.rec.Journal.Routes = s.rec.Journal.Routes[:1] }, "not read at the end"},
		"end only":    {func(s *scene) { s.rec.Journal.Routes = s.rec.Journal.Routes[1:] }, "not read at the start"},
		"no captured": {func(s *scene) { s.rec.Journal.Routes[0].Captured = "" }, "which interface is captured"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeRestricted)
			c.script(s)
			lines := []string{}
			if c.want != "" {
				lines = append(unfit(rig.ModeRestricted), "CAP-3 inconclusive "+c.want)
			}
			expect(t, s.judge(), "rnm/idle", lines...)
		})
	}
}

// TestGuard: a window that its guard takes whole says nothing of what follows the guard.
func TestGuard(t *testing.T) {
	const why = " inconclusive the guard of 1m0s takes the whole window"
	for mode, lines := range map[string][]string{rig.ModeLocalData: {"LDM-4" + why}, rig.ModeRestricted: {"RNM-1" + why}} {
		s := newScene(t, mode)
		s.tested().Guard = time.Minute
		expect(t, s.judge(), mode+"/idle", lines...)
	}
}

func TestMODE1(t *testing.T) {
	leak := func(s *scene) { s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101) }
	doubtful := func(result string) []string {
		list := []string{"MODE-1 " + result, "TLS-1 inconclusive not proven", "TLS-2 inconclusive not proven"}
		for _, id := range []string{"LDM-1", "LDM-2", "LDM-3", "LDM-4"} {
			list = append(list, id+" inconclusive the mode of the window is not proven")
		}
		return list
	}
	read := func(k int, mode string) func(s *scene) {
		return func(s *scene) {
			inWindow(s, s.rec.Journal.Modes, func(m *rig.ModeReading) string { return m.Window })[k].Read = mode
		}
	}
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string
	}{
		"unread at entry": {read(0, ""), "inconclusive not read back after entry"},
		"unread at end":   {read(1, ""), "inconclusive not read back at the end"},
		"left":            {read(1, "standard"), "fail ldm at entry, but at the end the screen read standard"},
		"never entered":   {read(0, "standard"), "error asked for ldm, but after entry the screen read standard"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			c.script(s)
			leak(s)
			want := doubtful(c.want)
			want[3] = "LDM-1 inconclusive seen, but the mode of the window is not proven (MODE-1): 1 flow to first-party endpoints"
			expect(t, s.judge(), "ldm/idle", want...)
		})
	}
	t.Run("the second reading counts", func(t *testing.T) {
		s := newScene(t, rig.ModeLocalData)
		first := s.rec.Journal.Modes[2]
		first.Read, first.Time = "standard", at(69)
		s.rec.Journal.Modes = slices.Insert(s.rec.Journal.Modes, 2, first)
		expect(t, s.judge(), "ldm/idle")
	})
}

func TestSpanBounds(t *testing.T) {
	contact := func(second float64, change func(s *scene)) Result {
		s := newScene(t, rig.ModeLocalData)
		change(s)
		s.tcp(second, firstAddr, 443).tls("api.maker.test").close(second + 0.5)
		return cells(s.judge())["LDM-1 ldm/idle"].Result
	}
	early := func(s *scene) { s.tested().From = at(65) }
	late := func(s *scene) {
		s.rec.Journal.Steps = []rig.Step{{Time: at(128), Mode: rig.ModeStandard}}
		inWindow(s, s.rec.Journal.Modes, func(m *rig.ModeReading) string { return m.Window })[1].Time = at(127.5)
	}
	same := func(s *scene) {
		s.rec.Journal.Steps = []rig.Step{{Time: at(100), Mode: rig.ModeLocalData}, {Time: at(101), Step: "tap"}}
	}
	for _, c := range []struct {
		second float64
		change func(s *scene)
		want   Result
	}{{66, early, Pass}, {71, early, Fail}, {127, late, Fail}, {128.5, late, Pass}, {110, same, Fail}} {
		if got := contact(c.second, c.change); got != c.want {
			t.Errorf("contact at %v: %s, want %s", c.second, got, c.want)
		}
	}
}

func TestAPP1(t *testing.T) {
	apps := func(s *scene) []*rig.AppReading {
		return inWindow(s, s.rec.Journal.Apps, func(a *rig.AppReading) string { return a.Window })
	}
	other, stopped := 77, 0
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string
	}{
		"unread":      {func(s *scene) { s.rec.Journal.Apps = nil }, "inconclusive not read"},
		"no middle":   {func(s *scene) { s.rec.Journal.Apps = slices.Delete(s.rec.Journal.Apps, 1, 2) }, "inconclusive not read at the middle"},
		"no end":      {func(s *scene) { s.rec.Journal.Apps = s.rec.Journal.Apps[:2] }, "inconclusive not read at the end"},
		"asleep":      {func(s *scene) { apps(s)[1].Awake = false }, "inconclusive not awake"},
		"background":  {func(s *scene) { apps(s)[2].Foreground = false }, "inconclusive not in the foreground"},
		"no process":  {func(s *scene) { apps(s)[1].PID = nil }, "inconclusive has no process"},
		"crashed":     {func(s *scene) { apps(s)[2].PID = &other }, "error the app crashed"},
		"went away":   {func(s *scene) { apps(s)[2].PID = &stopped }, "error the app crashed"},
		"never there": {func(s *scene) { apps(s)[0].PID, apps(s)[1].PID, apps(s)[2].PID = &stopped, &stopped, &stopped }, "inconclusive not running"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			c.script(s)
			expect(t, s.judge(), "ldm/idle", append(unfit(rig.ModeLocalData), "APP-1 "+c.want)...)
		})
	}
	t.Run("restart is the plan", func(t *testing.T) {
		s := newScene(t, rig.ModeLocalData)
		for i := range s.rec.Windows {
			s.rec.Windows[i].Stimulus = "app restart"
		}
		apps(s)[1].PID, apps(s)[1].Foreground, apps(s)[2].PID = &stopped, false, &other
		expect(t, s.judge(), "ldm/idle")
	})
}

func TestCTRL1(t *testing.T) {
	silence := func(k int) func(s *scene) {
		return func(s *scene) {
			n := 0
			for _, f := range s.talks {
				if f.App.TLS != nil {
					if n == k {
						f.events = slices.DeleteFunc(f.events, func(e event) bool { return e.kind == "data" && e.dir == captures.Resp })
					}
					n++
				}
			}
		}
	}
	for name, c := range map[string]struct {
		script func(s *scene)
		want   string
	}{
		"no answer before": {silence(0), "no standard window before"},
		"no answer after":  {silence(1), "no standard window after"},
		"failed before":    {failing("standard/before", 5), "no standard window before"},
		"failed after":     {failing("standard/after", 145), "no standard window after"},
		"failed":           {failing("ldm/idle", 75), `stimulus "idle" could not be given: refused`},
		"other stimulus":   {func(s *scene) { s.rec.Windows[0].Stimulus, s.rec.Windows[2].Stimulus = "link", "link" }, "in no standard window under"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, rig.ModeLocalData)
			c.script(s)
			expect(t, s.judge(), "ldm/idle", append(unfit(rig.ModeLocalData), "CTRL-1 inconclusive "+c.want)...)
		})
	}
}

// failing has the stimulus of a window fail.
func failing(window string, second float64) func(s *scene) {
	return func(s *scene) {
		s.rec.Journal.Stimuli = append(s.rec.Journal.Stimuli, rig.StimulusRun{Time: at(second), Window: window, Stimulus: "idle"},
			rig.StimulusRun{Time: at(second + 1), Window: window, Stimulus: "idle", Error: "refused"})
	}
}

// TestSkippedWindow: a window of the plan that was not recorded proves nothing,
// and says why.
func TestSkippedWindow(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.rec.Windows = append(s.rec.Windows, rig.Window{Name: "ldm/reboot", Mode: rig.ModeLocalData, From: at(204), To: at(204) + 1, Guard: 10 * time.Second, ControlEvery: 10 * time.Second, Stimulus: "reboot"})
	s.rec.Journal.Skipped = []rig.SkippedWindow{{Time: at(204), Window: "ldm/reboot", Reason: "no power switch"}}
	got := cells(s.judge())
	for _, claim := range []string{"MODE-1", "LDM-1", "LDM-2", "LDM-3", "LDM-4", "LDM-5"} {
		if v := got[claim+" ldm/reboot"]; v.Result != Inconclusive || claim == "MODE-1" && v.Because != "the window was not recorded: no power switch" {
			t.Errorf("%s %s: %s", claim, v.Result, v.Because)
		}
	}
	expect(t, s.judge(), "ldm/idle")
}

func TestPresenceNeedsNoFitness(t *testing.T) {
	s := newScene(t, rig.ModeLocalData)
	s.rec.Journal.Routes, s.rec.Journal.Apps, s.rec.Journal.Stats, s.rec.Journal.Controls = nil, nil, nil, nil
	s.talks = slices.DeleteFunc(s.talks, func(f *talk) bool { return f.Proto == packet.ICMP })
	s.tcp(100, firstAddr, 443).tls("api.maker.test").close(101)
	expect(t, s.judge(), "ldm/idle", append(unfit(rig.ModeLocalData), "CAP-1 inconclusive", "CAP-2 inconclusive", "CAP-3 inconclusive", "APP-1 inconclusive", ldm1, ldm2)...)
}

package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/lock"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
)

// Options of Bench.
type Options struct {
	Drivers benchfile.Drivers
	Tools   benchfile.Tools
	Tool    string // "spanrig VERSION"
	Plant   bool   // send one forbidden flow and see it fail
	Show    func(Line)
	Tell    func(text string) // is told what is waited for, and what was found on the way; may be nil
}

// seconds of recording, and between the controls in it.
const (
	listen = 6 * time.Second
	every  = 2 * time.Second
)

// Bench looks at a bench and returns how many findings it has. The error is
// for what keeps it from looking at all.
func Bench(ctx context.Context, b *benchfile.Bench, o Options) (findings int, err error) {
	l := &list{show: o.Show}
	l.ok("file", "bench %s, script %s, plan %s, policy %s", b.Name, b.App.Script, b.Plan, b.Judge.Policy)
	if s, err := b.Script(); err == nil && s.Verified == "" {
		l.ok("labels", "script %s holds unverified guesses: compare with spanrig bench screens", s.Name)
	}
	l.disk(".", b.Span.MinFreeMB)
	l.locks(lock.Shared())
	dir, err := os.MkdirTemp("", "spanrig-check-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	cfg, err := configure(b, o, filepath.Join(dir, "recording"))
	if err != nil {
		return 0, err
	}
	if !l.interfaces(b.Span.Interfaces) {
		return l.found, errors.Join(l.devices(ctx, cfg), ctx.Err())
	}
	s, err := record.Start(ctx, cfg)
	if err != nil {
		l.unopened(err)
		return l.found, ctx.Err()
	}
	c := &checked{list: l, bench: b, policy: cfg.Policy, session: s}
	c.device()
	c.plan()
	planted := c.listen(ctx, o.Plant)
	result, err := s.Close(ctx)
	if err != nil {
		return l.found, err
	}
	c.result(result, planted)
	return l.found, ctx.Err()
}

// configure makes a session whose few seconds go to a folder for a moment, maybe
// in memory: the room that recordings leave alone is not asked of its disk.
func configure(b *benchfile.Bench, o Options, dir string) (record.Config, error) {
	o.Tools.Patience = patience
	cfg, err := record.Of(b, o.Drivers, o.Tools, dir, o.Tool)
	cfg.Capture.MinFree = -1
	if o.Tell != nil {
		cfg.Open = telling(cfg.Open, o.Tell)
	}
	return cfg, err
}

// checked is a bench while it is looked at.
type checked struct {
	*list
	bench   *benchfile.Bench
	policy  *policy.Policy // with the bench's overlays
	session session
}

// session is what is needed of a *record.Session.
type session interface {
	Device() drivers.Inspection
	Lacking(windows []plan.Window) []record.Skipped
	Observe(ctx context.Context, w plan.Window, do func(context.Context) error) error
	Plant(ctx context.Context, name string) error
	Seen() (sent, got uint64)
	JudgeBare(rec *rig.Recording, mode string) (*policy.Report, error)
}

// disk looks at the room for recordings in a folder.
func (l *list) disk(dir string, minMB int) {
	bytes, err := free(dir)
	if err != nil {
		l.ok("disk", "the room on the disk could not be read")
		return
	}
	text := fmt.Sprintf("%.1f GB free here, the recorder leaves %.1f GB alone", float64(bytes)/1e9, float64(minMB)/1e3)
	if bytes < 2*uint64(minMB)*1e6 {
		l.find("disk", text, "make room, or record to another disk with -o")
		return
	}
	l.ok("disk", "%s", text)
}

// device says what answered.
func (c *checked) device() {
	d := c.session.Device()
	c.ok("device", "%s %s, firmware %s", orNone(d.Model), orNone(d.Serial), orNone(d.Firmware))
	c.ok("app", "%s %s, user %s", orNone(d.Package), orNone(d.Version), orNone(d.UID))
	for _, m := range c.bench.Device.MACs {
		if len(d.MACs) > 0 && !slices.ContainsFunc(d.MACs, func(have string) bool { return strings.EqualFold(have, m) }) {
			c.find("device", fmt.Sprintf("the bench names the MAC address %s, the device has %s", m, strings.Join(d.MACs, ", ")), "mend macs in the bench file")
		}
	}
}

// plan looks for windows of the plan that this bench cannot record.
func (c *checked) plan() {
	p, err := plan.Load(c.bench.PlanName())
	if err != nil {
		c.find("plan", oneLine(err), "mend the plan")
		return
	}
	windows, err := record.Windows(c.bench, p)
	if err != nil {
		c.find("plan", oneLine(err), "mend the plan, or the script of the app")
		return
	}
	lacking := c.session.Lacking(windows)
	for _, s := range lacking {
		c.find("plan", s.String(), "equip the bench for it, or name a plan without it")
	}
	if len(lacking) == 0 {
		c.ok("plan", "%s: the bench has what its %d windows need", p.Name, len(windows))
	}
}

// listen records a few seconds in whatever mode the device is.
func (c *checked) listen(ctx context.Context, plant bool) (planted string) {
	w := plan.Window{Name: "check", Mode: drivers.Standard, Stimulus: "idle", Length: listen, Guard: time.Second, Every: every}
	err := c.session.Observe(ctx, w, func(ctx context.Context) error {
		if !plant {
			return nil
		}
		var err error
		planted, err = c.plant(ctx)
		return err
	})
	if err != nil {
		what, do := advice(err)
		c.find(what, oneLine(err), do)
	}
	return planted
}

// plant lets the device send one flow that no local data mode allows, and
// returns the name that it went to.
func (c *checked) plant(ctx context.Context) (string, error) {
	name := forbidden(c.policy)
	if name == "" {
		return "", fmt.Errorf("policy %s names no first party; there is nothing to plant", c.policy.Name)
	}
	return name, c.session.Plant(ctx, name)
}

// forbidden is a first-party host, one with a known use rather than a whole domain.
func forbidden(p *policy.Policy) string {
	domain := ""
	for _, e := range p.Parties {
		if e.Party != party.First || e.Domain == "" {
			continue
		}
		name := strings.TrimPrefix(e.Domain, "=")
		if len(e.Services) > 0 {
			return name
		}
		if domain == "" {
			domain = "www." + name
		}
	}
	return domain
}

// result holds what was recorded against what a recording needs.
func (c *checked) result(r *record.Result, planted string) {
	for _, p := range r.Problems {
		what, do := advice(p.Err)
		c.find(what, oneLine(p), do)
	}
	c.path(r)
	c.fitness(r.Report)
	c.clock(r.Dir)
	if planted != "" {
		c.planted(r, planted)
	}
}

// planted judges the capture alone, as of local data mode: the flow has to fail.
func (c *checked) planted(r *record.Result, name string) {
	rec, err := rig.Open(filepath.Join(r.Dir, r.Capture.Files[0].Name))
	var report *policy.Report
	if err == nil {
		report, err = c.session.JudgeBare(rec, rig.ModeLocalData)
	}
	if err != nil {
		c.find("plant", oneLine(err), "look at the line above")
		return
	}
	var failed []string
	for _, v := range report.Verdicts {
		if v.Result == policy.Fail && strings.Contains(v.Because, name) {
			failed = append(failed, v.Claim)
		}
	}
	switch {
	case slices.Contains(failed, "LDM-1") || slices.Contains(failed, "LDM-2"):
		c.ok("plant", "a flow to %s was sent from the device and failed %s, as it must", name, strings.Join(failed, ", "))
	case len(failed) > 0:
		c.find("plant", "the device asked for "+name+", which failed "+strings.Join(failed, ", ")+", but no flow to it was seen", "let the bench's resolver give an address for it, and see that the way there is mirrored")
	default:
		c.find("plant", "a flow to "+name+" was sent from the device and not seen to fail", "do not trust a pass of this bench: the SPAN port or the resolver hides what the device sends")
	}
}

// advice names what an error is about and what to do.
func advice(err error) (what, do string) {
	var busy *drivers.BusyError
	part := &benchfile.PartError{Part: "bench"}
	switch errors.As(err, &part); {
	case errors.As(err, &busy):
		return "lock", "wait, or stop it"
	case part.Part == "bench" && errors.Is(err, drivers.ErrLost), part.Part == "device":
		return "device", "look at the cable, and whether the device is on and has debugging allowed"
	}
	return part.Part, "mend that and check again"
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func orNone(s string) string {
	if s == "" {
		return "(unknown)"
	}
	return s
}

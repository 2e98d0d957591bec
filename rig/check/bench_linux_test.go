package check

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/replay"
)

const trace = "../../fixtures/traces/ldm1-tls"

// finished is a session that is over: it judges by a policy, and does no more.
type finished struct {
	session
	sent, got uint64
	policy    *policy.Policy
	planted   string
}

func (s *finished) Seen() (sent, got uint64) { return s.sent, s.got }

func (s *finished) JudgeBare(rec *rig.Recording, mode string) (*policy.Report, error) {
	return replay.Judge(context.Background(), rec, replay.Options{Policy: s.policy, Judge: policy.Options{Mode: mode, Devices: []string{"02:00:5e:00:00:10"}}})
}

func (s *finished) Plant(_ context.Context, name string) error {
	s.planted = name
	return nil
}

// looked is a bench that was looked at; its lines go to the builder.
func looked(s *finished) (*checked, *strings.Builder) {
	lines := new(strings.Builder)
	return &checked{list: &list{show: func(l Line) { fmt.Fprintln(lines, l) }}, bench: &benchfile.Bench{}, policy: s.policy, session: s}, lines
}

// good is the result of a bench that works.
func good() *record.Result {
	return &record.Result{
		Dir:     trace,
		Capture: &span.Summary{Files: []span.File{{Name: "capture.pcapng"}}, Interfaces: []span.Stats{{Interface: "span0", Recorded: 50, Up: true}}, Ports: []span.Port{{Name: "span0"}}},
		Report:  &policy.Report{Windows: []policy.WindowFit{{Name: "check", Fitness: []policy.Check{{Check: "CAP-1", OK: true, Saw: "4 of 4 slots"}, {Check: "CTRL-1", Saw: "not looked at"}}}}},
	}
}

// TestResult: a bench that works has no finding, and each that does not has the
// one that says what to do.
func TestResult(t *testing.T) {
	for name, one := range map[string]struct {
		spoil     func(*record.Result)
		sent, got uint64
		want      string
	}{
		"good":        {sent: 20, got: 30},
		"no link":     {sent: 20, got: 30, spoil: func(r *record.Result) { r.Capture.Interfaces[0].Up = false }, want: "span0 has no link: plug it in"},
		"nothing":     {spoil: func(r *record.Result) { r.Capture.Interfaces[0].Recorded = 0 }, want: "nothing arrived in 6s: look at the mirror session"},
		"others only": {want: "50 frames arrived, none of them the device's: mirror the port"},
		"sent only":   {sent: 20, want: "only what the device sends arrives: set the mirror session to both"},
		"got only":    {got: 30, want: "only what the device gets arrives: set the mirror session to both"},
		"port":        {sent: 20, got: 30, spoil: func(r *record.Result) { r.Capture.Ports[0].Problem = "GRO is on" }, want: "span0: GRO is on: give the program the capability"},
		"lost": {sent: 20, got: 30, spoil: func(r *record.Result) {
			r.Problems = []*record.Problem{{Err: fmt.Errorf("adb: %w", drivers.ErrLost)}}
		}, want: "FIND  device     adb: device lost: look at the cable"},
		"busy": {sent: 20, got: 30, spoil: func(r *record.Result) {
			r.Problems = []*record.Problem{{Err: &drivers.BusyError{Device: "span span0"}}}
		}, want: "FIND  lock       span span0 is in use"},
		"slot": {sent: 20, got: 30, spoil: func(r *record.Result) {
			r.Report.Windows[0].Fitness[0] = policy.Check{Check: "CAP-1", Saw: "3 of 4 slots"}
		}, want: "FIND  CAP-1      3 of 4 slots: see whether the target"},
		"clock": {sent: 20, got: 30, spoil: func(r *record.Result) { r.Dir = slow(t) }, want: "the device's is -2m0s off the host's: set it"},
	} {
		c, lines := looked(&finished{sent: one.sent, got: one.got})
		r := good()
		if one.spoil != nil {
			one.spoil(r)
		}
		c.result(r, "")
		found := 0
		if one.want != "" {
			found = 1
		}
		if c.found != found || !strings.Contains(lines.String(), one.want) {
			t.Errorf("%s: %d findings, want %d with %q:\n%s", name, c.found, found, one.want, lines)
		}
	}
}

// slow is a recording of a device whose clock is two minutes behind.
func slow(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(trace)); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := rig.NewJournalWriter(f).Append(time.Unix(0, 0), 0, rig.KindClock, map[string]any{"device_minus_host_s": -120}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPlanted: the negative control is met where the capture shows the flow and
// the policy fails it, and by nothing else.
func TestPlanted(t *testing.T) {
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name, file string
		found      int
		want       string
	}{
		{"flysafe-api.dji.com", "capture.pcapng", 0, "a flow to flysafe-api.dji.com was sent from the device and failed LDM-1"},
		{"other.dji.com", "capture.pcapng", 1, "a flow to other.dji.com was sent from the device and not seen to fail: do not trust a pass"},
		{"active.dji.com", "../ldm3-dns-only/capture.pcapng", 1, "the device asked for active.dji.com, which failed LDM-3, but no flow to it was seen"},
		{"flysafe-api.dji.com", "nosuch.pcapng", 1, "FIND  plant      "},
	} {
		c, lines := looked(&finished{sent: 1, got: 1, policy: p})
		r := good()
		r.Capture.Files[0].Name = one.file
		c.result(r, one.name)
		if c.found != one.found || !strings.Contains(lines.String(), one.want) {
			t.Errorf("%s in %s: %d findings, want %d with %q:\n%s", one.name, one.file, c.found, one.found, one.want, lines)
		}
	}
}

// TestPlant: the name that is planted is one of the policy by which the bench
// judges, with its overlays.
func TestPlant(t *testing.T) {
	first := func(domain string, services ...string) party.Entry {
		return party.Entry{Party: party.First, Domain: domain, Services: services}
	}
	for _, one := range []struct {
		parties []party.Entry
		want    string
	}{
		{[]party.Entry{{Party: party.Third, Domain: "third.example"}, first("maker.example")}, "www.maker.example"},
		{[]party.Entry{first("maker.example"), first("=maps.example", "maps")}, "maps.example"},
		{nil, ""},
	} {
		s := &finished{policy: &policy.Policy{Name: "lab", Parties: one.parties}}
		c, _ := looked(s)
		c.bench.Judge.Policy = "dji-pilot2" // without the overlays
		name, err := c.plant(t.Context())
		if name != one.want || s.planted != one.want || (err != nil) != (one.want == "") {
			t.Errorf("planted %q, %q, %v, want %q", name, s.planted, err, one.want)
		}
	}
}

const file = `schema: 1
name: small
device: {operator: true, macs: ["02:00:5e:00:00:10"]}
span: {interfaces: [span0], min_free_mb: 1000000000}
control: {by_rig: true}
`

// TestConfigure: a disk on which no recording would begin is a finding of its
// own, and keeps nobody from looking at the rest.
func TestConfigure(t *testing.T) {
	b, err := benchfile.Parse("small.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := configure(b, Options{}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Capture.MinFree >= 0 {
		t.Errorf("the recorder leaves %d bytes alone", cfg.Capture.MinFree)
	}
	c, lines := looked(&finished{})
	c.disk(t.TempDir(), b.Span.MinFreeMB)
	if c.found != 1 || !strings.Contains(lines.String(), "make room") {
		t.Error(lines)
	}
}

const lost = `schema: 1
name: lost
device:
  driver: lost
  macs: ["02:00:5e:00:00:79"]
  serial: {path: nosuch-tty}
span: {interfaces: [SPAN]}
control: {by_rig: true}
power:
  usb: {hub: {hub: 9-9, port: 1}}
  aircraft: {driver: lost}
`

// TestNoDevice: each device that does not open is a finding of its own, and no
// error, with the SPAN port and without it.
func TestNoDevice(t *testing.T) {
	o := Options{Tool: "test", Tools: benchfile.Tools{Reason: "test"}}
	o.Drivers.Controllers = map[string]func(context.Context, *benchfile.Bench, benchfile.Tools) (drivers.Controller, error){
		"lost": func(context.Context, *benchfile.Bench, benchfile.Tools) (drivers.Controller, error) {
			return nil, drivers.ErrLost
		},
	}
	o.Drivers.Powers = map[string]func(context.Context, *benchfile.Bench, benchfile.Power, benchfile.Tools) (drivers.Power, error){
		"lost": func(context.Context, *benchfile.Bench, benchfile.Power, benchfile.Tools) (drivers.Power, error) {
			return nil, drivers.ErrLost
		},
	}
	for span, want := range map[string]string{
		"lo":          "serial, power aircraft, power usb, device",
		"span-nosuch": "SPAN, serial, power aircraft, power usb, device",
	} {
		b, err := benchfile.Parse("lost.yaml", []byte(strings.Replace(lost, "SPAN", span, 1)))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		o.Show = func(l Line) {
			if !l.OK && l.What != "lock" && l.What != "disk" { // those are this host's
				found = append(found, l.What)
			}
		}
		n, err := Bench(t.Context(), b, o)
		if got := strings.Join(found, ", "); n < len(found) || err != nil || got != want {
			t.Errorf("%d findings, %v: %s, want %s", n, err, got, want)
		}
	}
}

// lacking is a bench that lacks what some windows need.
type lacking struct{ finished }

func (*lacking) Lacking(windows []plan.Window) []record.Skipped {
	return []record.Skipped{{Windows: []string{windows[0].Name}, Reason: "no switch for it"}}
}

// equipped is a bench that lacks nothing.
type equipped struct{ finished }

func (*equipped) Lacking([]plan.Window) []record.Skipped { return nil }

// TestPlan: windows that cannot be recorded are told before the night.
func TestPlan(t *testing.T) {
	for name, one := range map[string]struct {
		session session
		plan    string
		want    string
	}{
		"able":    {new(equipped), "quick", "ok    plan       quick: the bench has what its"},
		"lacking": {new(lacking), "quick", "FIND  plan       not recorded: standard/"},
		"no plan": {new(equipped), "nosuch", "FIND  plan"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "bench.yaml")
			if err := os.WriteFile(file, []byte("schema: 1\nname: b\ndevice: {adb: {serial: X}}\napp: {script: dji-pilot2}\nspan: {interfaces: [span0]}\ncontrol: {target: 192.0.2.1}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			b, err := benchfile.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			b.Plan = one.plan
			var lines strings.Builder
			c := &checked{list: &list{show: func(l Line) { fmt.Fprintln(&lines, l) }}, bench: b, session: one.session}
			c.plan()
			if !strings.Contains(lines.String(), one.want) {
				t.Errorf("%q, want %q", &lines, one.want)
			}
		})
	}
}

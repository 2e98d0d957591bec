//go:build live

package sim_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/simtest"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

const operatorBench = `schema: 1
name: operated
device: {operator: true, macs: ["02:00:5e:00:00:10"], addresses: [10.20.0.10], model: RM510B, serial_number: SIM0RC0PRO0001, firmware: 02.01.0507}
app: {services: [maps], pace: 0.1}
span: {interfaces: [span-person], min_free_mb: 100}
network: {lan: [10.20.0.0/24, "2001:db8:a::/64"], resolvers: [10.20.0.1], vantage: US}
control: {by_rig: true}
plan: short
timing: {scale: 0.2}
`

// person answers what the rig asks, with hands on the device.
type person struct {
	t     *testing.T
	hands drivers.Controller
	say   io.Writer
	heard strings.Builder

	answered string // what was heard when the last answer was given
}

// answer listens to the rig until it has no more to say. A question is what it
// ends with and then waits.
func (p *person) answer(ctx context.Context, rig io.Reader) {
	said := make(chan byte, 1<<16)
	go func() {
		defer close(said)
		r := bufio.NewReader(rig)
		for {
			b, err := r.ReadByte()
			if err != nil {
				return
			}
			said <- b
		}
	}()
	for {
		select {
		case b, more := <-said:
			if !more {
				return
			}
			p.heard.WriteByte(b)
		case <-time.After(200 * time.Millisecond):
			if text := p.heard.String(); text != p.answered && (strings.HasSuffix(text, ": ") || strings.HasSuffix(text, "? ")) {
				p.answered = text
				fmt.Fprintln(p.say, p.reply(ctx, text))
			}
		}
	}
}

// reply is the answer to the question with which text ends; empty takes the
// first choice, or what is known.
func (p *person) reply(ctx context.Context, text string) string {
	switch question := last(text, 900); {
	case strings.HasSuffix(text, "what keeps you from it: "):
		p.do(ctx, text[strings.LastIndex(text, "Please do"):])
	case strings.HasSuffix(text, "1 to 5: "):
		return "1" // the app is on the screen, which is on
	case strings.HasSuffix(text, "1 to 4: ") && strings.Contains(question, "Which mode"):
		return p.look(ctx)
	case strings.Contains(last(text, 10), " to "):
		return "1"
	}
	return ""
}

func last(s string, n int) string { return s[max(len(s)-n, 0):] }

// do presses what the rig asks for; reading is looking, and needs no pressing.
func (p *person) do(ctx context.Context, what string) {
	head, _, _ := strings.Cut(what, "\n")
	var err error
	switch {
	case strings.Contains(head, "enter ldm"):
		_, err = p.hands.SetMode(ctx, drivers.LocalData)
	case strings.Contains(head, "enter standard"):
		_, err = p.hands.SetMode(ctx, drivers.Standard)
	case strings.Contains(head, "stimulus fresh-start") && strings.Contains(what, "stop"):
		err = p.hands.Stimulate(ctx, "fresh-start")
	case strings.Contains(head, "tour"):
		err = p.hands.Stimulate(ctx, "maps")
	}
	if err != nil {
		p.t.Errorf("%s: %v", head, err)
	}
}

// look is the number of the answer that the screen gives.
func (p *person) look(ctx context.Context) string {
	r, err := p.hands.ReadMode(ctx)
	if err != nil {
		p.t.Error(err)
	}
	return map[drivers.Mode]string{drivers.Standard: "1", drivers.Restricted: "2", drivers.LocalData: "3"}[r.Mode]
}

// TestLiveOperator: a bench without adb, driven by a person; the rig's own pings
// through the mirrored port are the controls. The rig stands where the router
// is, for its host has to be on the LAN.
func TestLiveOperator(t *testing.T) {
	t.Parallel()
	dir, program := t.TempDir(), build(t)
	b := simtest.Up(t, "person", "none")
	bench, err := benchfile.Load(b.File)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	bench.Span.Interfaces = []string{"of-nobody"} // the rig takes the bench, these are hands alone
	bench.Device.Serial, bench.Power = nil, nil
	e, err := bench.Open(ctx, sim.Drivers, benchfile.Tools{Reason: "a person's hands"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, args := range [][]string{{"link", "set", b.Wire.SPAN(), "netns", b.Wire.Namespace(wiring.World)},
		{"-n", b.Wire.Namespace(wiring.World), "link", "set", b.Wire.SPAN(), "up"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	file := filepath.Join(dir, "operated.yaml")
	if err := os.WriteFile(file, []byte(operatorBench), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, program, "record", "--bench", file, "-o", filepath.Join(dir, "recording"), "--json")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	questions, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	cmd.Stdout = &printed
	if err := b.Wire.Start(wiring.World, cmd); err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, hands: e.Controller, say: in}
	p.answer(ctx, questions)
	if err := cmd.Wait(); err != nil {
		t.Errorf("record: %v\n%s", err, last(p.heard.String(), 4000))
	}
	var report policy.Report
	if err := json.Unmarshal([]byte(printed.String()), &report); err != nil {
		t.Fatal(err)
	}
	if report.Result != policy.Pass {
		for _, v := range report.Verdicts {
			if v.Result != policy.Pass {
				t.Errorf("%s %s %s: %s", v.Claim, v.Window, v.Result, v.Because)
			}
		}
	}
	witnessed(t, filepath.Join(dir, "recording"))
}

// witnessed holds the journal against who did what.
func witnessed(t *testing.T, dir string) {
	t.Helper()
	rec, err := rig.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range rec.Journal.Modes {
		if m.Witness != "operator" {
			t.Errorf("mode read by %q", m.Witness)
		}
	}
	for _, c := range rec.Journal.Controls {
		if c.By != "rig" {
			t.Errorf("control by %q", c.By)
		}
	}
	if len(rec.Journal.Controls) < 6 || len(rec.Journal.Modes) != 6 {
		t.Errorf("%d controls, %d readings of the mode", len(rec.Journal.Controls), len(rec.Journal.Modes))
	}
}

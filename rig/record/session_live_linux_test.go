//go:build live

package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// hands drive a device that is a network namespace: in standard mode something
// in it talks to a first-party address on every stimulus and when idle.
type hands struct {
	wire *wiring.Wiring
	note drivers.Note

	mu      sync.Mutex
	mode    drivers.Mode
	gone    bool              // every call is lost
	refuses error             // of the next SetMode
	recover int               // calls
	leak    bool              // speaks in every mode
	fails   error             // of every stimulus
	returns bool              // from being gone, when it is recovered
	lacks   string            // stimulus that the bench cannot give
	slow    time.Duration     // between sending a control and knowing of its answer
	acted   func(what string) // is told before each act; may be nil
}

var (
	firstParty = netip.MustParseAddr("198.51.100.10")
	responder  = netip.MustParseAddrPort("192.0.2.200:7")
)

func (h *hands) lost() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone {
		return fmt.Errorf("test: %w", drivers.ErrLost)
	}
	return nil
}

func (h *hands) Inspect(context.Context) (drivers.Inspection, error) {
	return drivers.Inspection{Model: "TEST", Serial: "T1", Firmware: "1", MACs: []string{wiring.DeviceMAC}, Addrs: []netip.Addr{wiring.Device4},
		Package: "test.app", UID: "10123", Obtained: map[string]string{"model": "test"}}, h.lost()
}

func (h *hands) ReadMode(context.Context) (drivers.ModeReading, error) {
	h.mu.Lock()
	m := h.mode
	h.mu.Unlock()
	return drivers.ModeReading{Mode: m, Witness: drivers.ByScreen, Saw: "test"}, h.lost()
}

func (h *hands) Home(context.Context) error { return h.lost() }

func (h *hands) SetMode(ctx context.Context, m drivers.Mode) (drivers.ModeReading, error) {
	h.act("set mode " + string(m))
	h.mu.Lock()
	err := h.refuses
	h.refuses = nil
	if err == nil {
		h.mode = m
	}
	h.mu.Unlock()
	r, unread := h.ReadMode(ctx)
	if err != nil {
		return r, err
	}
	return r, unread
}

func (h *hands) Services() []string                             { return nil }
func (h *hands) SetService(context.Context, string, bool) error { return nil }
func (h *hands) Close(context.Context) error                    { return nil }
func (h *hands) ReadApp(context.Context) (drivers.AppReading, error) {
	return drivers.AppReading{PID: 4242, Running: true, Awake: true, Foreground: true, Witness: drivers.ByScreen}, h.lost()
}

func (h *hands) ReadRoutes(context.Context) (drivers.RoutesReading, error) {
	return drivers.RoutesReading{Captured: "wlan0", Interfaces: []drivers.InterfaceRoutes{{Name: "wlan0", Up: true, Default4: true}}}, h.lost()
}

func (h *hands) Recover(context.Context) error {
	h.mu.Lock()
	h.recover++
	h.gone = h.gone && !h.returns
	h.mu.Unlock()
	return h.lost()
}

func (h *hands) Equipped(stimuli ...string) error {
	if slices.Contains(stimuli, h.lacks) {
		return errors.New("no switch for it")
	}
	return nil
}

func (h *hands) act(what string) {
	if h.acted != nil {
		h.acted(what)
	}
}

// Stimulate talks to the first party, where the mode lets it.
func (h *hands) Stimulate(ctx context.Context, name string) error {
	h.act("stimulate " + name)
	if err := errors.Join(h.lost(), h.fails); err != nil {
		return err
	}
	h.mu.Lock()
	speaks := h.mode == drivers.Standard || h.leak
	h.mu.Unlock()
	if !speaks {
		return nil
	}
	return h.talk(ctx, name)
}

// talk lets the device exchange a line with the first party.
func (h *hands) talk(ctx context.Context, name string) error {
	c, err := h.wire.Dial(ctx, wiring.Device, "tcp", netip.AddrPortFrom(firstParty, 7).String())
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintln(c, "hello from "+name)
	_, err = c.Read(make([]byte, 64))
	return err
}

func (h *hands) Prove(ctx context.Context, c drivers.Challenge) (drivers.Proof, error) {
	if err := h.lost(); err != nil {
		return drivers.Proof{}, err
	}
	if c.Name != "" {
		h.ask(ctx, c.Name)
	}
	p := drivers.Proof{Name: c.Name, Proto: "tcp", Orig: netip.AddrPortFrom(wiring.Device4, c.Source), Resp: c.Target}
	err := h.wire.Do(wiring.Device, func() error {
		d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(p.Orig)}
		conn, err := d.DialContext(ctx, "tcp", c.Target.String())
		if err != nil {
			return err
		}
		defer conn.Close()
		fmt.Fprint(conn, c.Text)
		_, err = conn.Read(make([]byte, 64))
		return err
	})
	time.Sleep(h.slow)
	p.Answered = err == nil
	return p, nil
}

// ask lets the device ask its router for a name; the answer does not matter.
func (h *hands) ask(ctx context.Context, name string) {
	question := []byte{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for label := range strings.SplitSeq(name, ".") {
		question = append(append(question, byte(len(label))), label...)
	}
	c, err := h.wire.Dial(ctx, wiring.Device, "udp", netip.AddrPortFrom(wiring.Router4, 53).String())
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write(append(question, 0, 0, 1, 0, 1))
}

// newBench builds the network and a world that echoes.
func newBench(t *testing.T, name string) *hands {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: network namespaces")
	}
	_ = wiring.Down(name)
	w, err := wiring.Up(wiring.Config{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wiring.Down(name) })
	for _, addr := range []netip.AddrPort{responder, netip.AddrPortFrom(firstParty, 7)} {
		l, err := w.Listen(wiring.World, "tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go echo(l)
	}
	if err := w.Do(wiring.Device, func() error { return static(t) }); err != nil {
		t.Fatal(err)
	}
	return &hands{wire: w, mode: drivers.Standard}
}

func echo(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			b := make([]byte, 256)
			n, _ := c.Read(b)
			_, _ = c.Write(b[:n])
		}()
	}
}

const testPolicy = `schema: 1
name: test
claims: [{id: LDM-1, title: a}, {id: LDM-2, title: b}, {id: LDM-3, title: c}, {id: LDM-4, title: d}]
parties:
  first: [{prefix: 198.51.100.10, source: test, sure: high}]
`

// session returns a configuration that records the bench into a new folder.
func session(t *testing.T, h *hands) Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte(testPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Dir: filepath.Join(t.TempDir(), "recording"), Tool: "spanrig test", Name: "test", Bench: map[string]string{"name": "test"},
		Open: func(_ context.Context, note drivers.Note) (drivers.Controller, func() error, error) {
			h.note = note
			return h, func() error { return nil }, nil
		},
		Capture: span.Config{Interfaces: []string{h.wire.SPAN()}, Blocks: 16},
		Control: Control{Target: responder}, Place: Place{LAN: []string{"10.20.0.0/24"}, Vantage: "US"}, Policy: p,
	}
}

func windows(names ...string) []plan.Window {
	var list []plan.Window
	for _, n := range names {
		mode, stimulus, _ := strings.Cut(n, "/")
		list = append(list, plan.Window{Name: n, Mode: drivers.Mode(mode), Stimulus: stimulus, Length: 2 * time.Second, Guard: 300 * time.Millisecond, Every: 500 * time.Millisecond})
	}
	return list
}

// replayed holds the live verdicts against those of a replay: identical bytes.
func replayed(t *testing.T, c Config, r *Result) *policy.Report {
	t.Helper()
	again, err := replay.Run(context.Background(), c.Dir, replay.Options{Policy: c.Policy, Judge: c.Judge})
	if err != nil {
		t.Fatal(err)
	}
	live, _ := json.MarshalIndent(r.Report, "", " ")
	replayed, _ := json.MarshalIndent(again, "", " ")
	if !bytes.Equal(live, replayed) {
		t.Errorf("live and replayed verdicts differ:\n%s\n%s", live, replayed)
	}
	sealed(t, c, r)
	return again
}

// sealed seals the recording from its live facts, without reading the capture,
// and verifies the bundle, which makes it from the capture.
func sealed(t *testing.T, c Config, r *Result) {
	t.Helper()
	if r.Facts == nil {
		t.Error("the live facts are of no use")
	}
	out := filepath.Join(t.TempDir(), "bundle")
	o := evidence.Options{Options: replay.Options{Policy: c.Policy, Judge: c.Judge}, Tool: c.Tool, Facts: r.Facts}
	if _, err := evidence.Seal(context.Background(), c.Dir, out, o); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.Verify(context.Background(), out, evidence.VerifyOptions{Tool: c.Tool}); err != nil {
		t.Error(err)
	}
}

// results lists "CLAIM RESULT" of a window.
func results(r *policy.Report, window string) map[string]string {
	m := map[string]string{}
	for _, v := range r.Verdicts {
		if v.Window == window {
			m[v.Claim] = string(v.Result)
		}
	}
	return m
}

func TestLiveRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		leak bool
		want string
	}{{"clean", false, "pass"}, {"leak", true, "fail"}} {
		t.Run(c.name, func(t *testing.T) {
			h := newBench(t, "rec-"+c.name)
			h.leak = c.leak
			cfg := session(t, h)
			var seen []Status
			var mu sync.Mutex
			cfg.View = func(s Status) { mu.Lock(); seen = append(seen, s); mu.Unlock() }
			result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "standard/talk"))
			if err != nil || len(result.Problems)+len(result.Skipped) > 0 {
				t.Fatalf("%v, problems %v, skipped %v", err, result.Problems, result.Skipped)
			}
			report := replayed(t, cfg, result)
			got := results(report, "ldm/talk")
			for _, claim := range []string{"CAP-1", "CAP-2", "CAP-3", "MODE-1", "APP-1", "CTRL-1"} {
				if got[claim] != "pass" {
					t.Errorf("%s %s", claim, got[claim])
				}
			}
			if got["LDM-1"] != c.want || t.Failed() {
				text, _ := json.MarshalIndent(report, "", " ")
				t.Errorf("LDM-1 %s, want %s\n%s", got["LDM-1"], c.want, text)
			}
			mu.Lock()
			defer mu.Unlock()
			last := seen[len(seen)-1]
			if last.Total != 3 || last.Number != 3 || last.Packets == 0 || last.Slots < 12 || last.Controls != last.Slots {
				t.Errorf("status %+v", last)
			}
		})
	}
}

// TestLiveRefusedMode: a mode that is not reached gets one recovery and one more
// try; then a window says so, and the run goes on.
func TestLiveRefusedMode(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-refuse")
	cfg := session(t, h)
	h.refuses = fmt.Errorf("the dialog was not there")
	result, err := Run(context.Background(), cfg, windows("standard/talk"))
	if err != nil || len(result.Problems) != 0 || h.recover != 1 {
		t.Errorf("%v, problems %v, %d recoveries", err, result.Problems, h.recover)
	}
}

// TestLiveLostDevice: an error of the rig; the rest is skipped with that reason.
func TestLiveLostDevice(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-lost")
	cfg := session(t, h)
	time.AfterFunc(3*time.Second, func() { h.mu.Lock(); h.gone = true; h.mu.Unlock() })
	result, err := Run(context.Background(), cfg, windows("standard/talk", "ldm/talk", "standard/talk", "ldm/talk"))
	if err != nil || len(result.Problems) == 0 || len(result.Skipped) == 0 || !strings.Contains(result.Skipped[0].Reason, "could not be recovered") {
		t.Fatalf("%v, problems %v, skipped %v", err, result.Problems, result.Skipped)
	}
	report := replayed(t, cfg, result)
	if got := results(report, "ldm/talk"); got["LDM-1"] == "pass" || got["LDM-1"] == "fail" {
		t.Errorf("a lost device gave LDM-1 %s", got["LDM-1"])
	}
}

// TestLiveInterrupted: Ctrl-C closes what there is.
func TestLiveInterrupted(t *testing.T) {
	t.Parallel()
	h := newBench(t, "rec-int")
	cfg := session(t, h)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	result, err := Run(ctx, cfg, windows("standard/talk", "ldm/talk", "standard/talk"))
	if err == nil || result == nil {
		t.Fatalf("%v, %v", result, err)
	}
	rec, err := rig.Open(cfg.Dir)
	if err != nil || !rec.Journal.Ended || len(rec.Windows) != 3 || len(rec.Journal.Skipped) != 1 {
		t.Fatalf("%v: %+v", err, rec)
	}
	// Open has held the capture against the digests that stand in the journal.
	if f := rec.Journal.Files; len(f) != 1 || f[0].Name != "capture.pcapng" || len(f[0].Leaves) != 1 {
		t.Errorf("digests in the journal: %+v", f)
	}
	replayed(t, cfg, result)
}

// TestFolder: nothing is overwritten.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(context.Background(), Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Error(err)
	}
	if !slices.Contains(entries(t, dir), "x") {
		t.Error("the file is gone")
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

package benchfile

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/strict"
)

const good = `schema: 1
name: rc-01
labels: {site: east}
device:
  adb: {serial: 5YSZK0012300AB}
  serial: {vendor: "2ca3", product: "001f", interface: "00", duml: true}
span: {interfaces: [enp3s0], only_device: true, rotate_mb: 1000}
network: {lan: [10.0.0.0/24], resolvers: [10.0.0.1], vantage: US}
control: {target: "10.0.0.1:53"}
power:
  usb: {hub: {hub: 1-3, port: 2}}
  aircraft: {relay: {line: {vendor: "1a86", product: "7523"}, protocol: a0, channel: 1}}
`

func TestParse(t *testing.T) {
	b, err := Parse("b.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	target, _ := b.Control.Endpoint()
	if b.Plan != "quick" || b.App.Script != "dji-pilot2" || b.Judge.Policy != "dji-pilot2" || b.Network.Captured != "wlan0" || b.Device.ADB.Server != DefaultServer ||
		target.String() != "10.0.0.1:53" || b.Power["usb"].Hub.Port != 2 || b.App.Pace != 1 || b.Span.MinFreeMB != DefaultMinFreeMB {
		t.Errorf("%+v", b)
	}
	b.File = "/lab/rc-01.yaml"
	if b.PlanName() != "quick" || b.Path("geo.mmdb") != "/lab/geo.mmdb" || b.Path("/x") != "/x" {
		t.Error("paths are wrong")
	}
	b.Plan = "night.yaml"
	if b.PlanName() != "/lab/night.yaml" {
		t.Error("a plan beside the bench is not found")
	}
	if got := strings.Join(b.Identities(), "; "); got != "adb 5YSZK0012300AB at 127.0.0.1:5037; span enp3s0" {
		t.Errorf("identities %s", got)
	}
}

func TestFindings(t *testing.T) {
	change := func(old, text string) string { return strings.Replace(good, old, text, 1) }
	for text, want := range map[string]string{
		change("schema: 1", "schema: 2"):                                                         "b.yaml:1:9: schema 2 is not known",
		change("interfaces: [enp3s0]", "interfaces: [a, b, a]"):                                  "b.yaml:7:27: span: interface a is named twice",
		change("rotate_mb: 1000", "ring_mb: 99999999"):                                           "b.yaml:7:58: span: ring_mb: 99999999; say 1 to 1024",
		change("rotate_mb: 1000", "rotate_mb: -1"):                                               "b.yaml:7:60: span: rotate_mb: -1",
		change("{serial: 5YSZK0012300AB}", "{serial: a, server: '127.0.0.1:99999'}"):             `b.yaml:5:28: adb server "127.0.0.1:99999"; write HOST:PORT`,
		change("{serial: 5YSZK0012300AB}", "{address: '10.0.0.9:99999'}"):                        `b.yaml:5:18: device: adb: address "10.0.0.9:99999"; write HOST:PORT`,
		change(`{target: "10.0.0.1:53"}`, `{target: "10.0.0.1:53", zone: "bad zone!"}`):          `b.yaml:9:40: control: zone: "bad zone!" is no DNS name`,
		change(`{target: "10.0.0.1:53"}`, `{target: "10.0.0.1:53", zone: a..b}`):                 `zone: "a..b" is no DNS name`,
		change(`{target: "10.0.0.1:53"}`, `{target: "10.0.0.1:53", zone: -a.b}`):                 `zone: "-a.b" is no DNS name`,
		change("name: rc-01", "name: a/b"):                                                       "give the bench a name without /",
		change("adb: {serial: 5YSZK0012300AB}", "operator: false"):                               "nothing says how to reach it; give adb: {serial: ...}",
		change("adb: {serial: 5YSZK0012300AB}", "operator: true"):                                "macs is missing; without adb nothing else says",
		change("  adb:", "  operator: true\n  adb:"):                                             "more than one of driver, adb and operator",
		change("{serial: 5YSZK0012300AB}", "{serial: a, address: b}"):                            "exactly one of serial and address",
		change("  adb:", "  macs: [x]\n  adb:"):                                                  `"x" is no MAC address`,
		change(`"001f"`, `"1F"`):                                                                 "four lower-case hex digits",
		change(`interface: "00"`, `interface: "0"`):                                              "two lower-case hex digits",
		change(`{vendor: "2ca3", product: "001f", interface: "00", duml: true}`, "{duml: true}"): "say which by USB identity",
		change("interfaces: [enp3s0], ", ""):                                                     "interfaces is missing",
		change("[10.0.0.0/24]", "[10.0.0.1]"):                                                    "is no prefix",
		change("vantage: US", "vantage: usa"):                                                    "two capital letters",
		change(`{target: "10.0.0.1:53"}`, "{}"):                                                  "target: it is missing; name a host beyond the mirrored port",
		change(`"10.0.0.1:53"`, "lab.example"):                                                   "write ADDRESS for a ping",
		change("  usb:", "  tv:"):                                                                `power: "tv"; known are usb, device, aircraft, uplink`,
		change("{hub: 1-3, port: 2}", "{hub: 1-3}"):                                              "hub takes the hub as sysfs names it",
		change("protocol: a0", "protocol: b"):                                                    `protocol "b"; say a0 or text`,
		change("protocol: a0", "protocol: text"):                                                 "needs on and off",
		good + "timing: {scale: -1}\n":                                                           "scale -1",
		good + "timing: {scale: nan}\n":                                                          "scale takes a number",
		good + "app: {pace: inf}\n":                                                              "pace takes a number",
		good + "tming: {}\n":                                                                     `b.yaml:13:1: unknown key "tming"; a bench file takes schema, name`,
	} {
		b, err := Parse("b.yaml", []byte(text))
		if b != nil || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "no.yaml")); err == nil || !strings.Contains(err.Error(), "no.yaml: ") || !strings.Contains(err.Error(), "check the path") {
		t.Error(err)
	}
}

// TestShippedScripts: every shipped mode script passes its checks.
func TestShippedScripts(t *testing.T) {
	for _, name := range strict.Builtin(fixtures.Modes, "modes") {
		if _, err := LoadScript(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := LoadScript("nosuch"); err == nil || !strings.Contains(err.Error(), "no such mode script; built-in are dji-pilot2") {
		t.Error(err)
	}
}

// TestOwnDrivers: a lab's own drivers are found by name, and their absence said.
func TestOwnDrivers(t *testing.T) {
	text := strings.Replace(good, "adb: {serial: 5YSZK0012300AB}", "driver: robot\n  macs: ['02:00:00:00:00:01']", 1)
	text = text[:strings.Index(text, "power:")]
	text = strings.Replace(text, `  serial: {vendor: "2ca3", product: "001f", interface: "00", duml: true}`+"\n", "", 1)
	b, err := Parse("b.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := (Drivers{}).Check(b); err == nil || !strings.Contains(err.Error(), `:5:11: device: driver "robot" is not in this program`) {
		t.Error(err)
	}
	if _, err := b.Open(ctx, Drivers{}, Tools{Reason: "test"}); err == nil || !strings.Contains(err.Error(), `driver "robot" is not in this program`) {
		t.Error(err)
	}
	made := 0
	own := Drivers{Controllers: map[string]func(context.Context, *Bench, Tools) (drivers.Controller, error){
		"robot": func(context.Context, *Bench, Tools) (drivers.Controller, error) { made++; return nil, nil },
	}}
	if err := own.Check(b); err != nil {
		t.Error(err)
	}
	e, err := b.Open(ctx, own, Tools{Reason: "the first"})
	if err != nil || made != 1 {
		t.Fatal(err, made)
	}
	var busy *drivers.BusyError
	if _, err := b.Open(ctx, own, Tools{Reason: "the second"}); !errors.As(err, &busy) || busy.Holder.Reason != "the first" {
		t.Errorf("a bench that is taken: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if e, err = b.Open(ctx, own, Tools{Reason: "the third"}); err != nil {
		t.Fatal(err)
	}
	_ = e.Close()
}

// TestOwnPower: also the drivers of powers are known by name.
func TestOwnPower(t *testing.T) {
	b, err := Parse("b.yaml", []byte(strings.Replace(good, "{hub: {hub: 1-3, port: 2}}", "{driver: sym}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := (Drivers{}).Check(b); err == nil || !strings.Contains(err.Error(), `:11:17: power: usb: driver "sym" is not in this program`) {
		t.Error(err)
	}
}

// TestAddresses: what adb takes for an address passes.
func TestAddresses(t *testing.T) {
	for _, server := range []string{"", "127.0.0.1:5037", "tcp:127.0.0.1:5037", "[::1]:5037", "station-2:5037", "tcp:5038", "localfilesystem:/run/adb"} {
		if err := CheckServer(server); err != nil {
			t.Errorf("%s: %v", server, err)
		}
	}
	for _, server := range []string{"127.0.0.1:0", ":5037", "a", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x", "tcp:0", "local:"} {
		if CheckServer(server) == nil {
			t.Errorf("%s passes", server)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("schema: 1\nname: x\ndevice: {operator: true, macs: ['02:00:00:00:00:01']}\nspan: {interfaces: [a]}\ncontrol: {by_rig: true}"))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := Parse("b.yaml", content)
		if (b == nil) == (err == nil) {
			t.Fatalf("%v, %v", b, err)
		}
	})
}

// TestAsk: the person of a bench with adb gives no answer ahead of its question,
// where an earlier one was given up.
func TestAsk(t *testing.T) {
	r, w := io.Pipe()
	ask := (&Tools{In: r, Out: io.Discard}).ask()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, "plug it in:"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "too late\n")
	time.Sleep(50 * time.Millisecond) // until it stands in the queue
	next, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if answer, err := ask(next, "unplug it:"); answer != "" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%q, %v", answer, err)
	}
	if (&Tools{}).ask() != nil {
		t.Error("somebody is asked where there is nobody")
	}
}

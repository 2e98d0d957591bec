package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/qualify"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers/generator"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestCertificate: a path passes that was asked for what it had to carry, and
// lost none of it.
func TestCertificate(t *testing.T) {
	sent := func(frames uint64, rate float64) generator.Report {
		return generator.Report{Sent: frames, BitsPerSecond: rate}
	}
	for _, one := range []struct {
		sent    generator.Report
		arrived qualify.Counts
		dropped uint64
		passed  bool
		because string
	}{
		{sent(1000, 100e6), qualify.Counts{Received: 1000}, 0, true, "all of 1000 frames arrived at 100.0 Mbit/s"},
		{sent(1000, 90e6), qualify.Counts{Received: 1000}, 0, true, "at 90.0 Mbit/s"},
		{sent(1000, 89e6), qualify.Counts{Received: 1000}, 0, false, "only 89.0 of 100.0 Mbit/s could be sent"},
		{sent(1000, 100e6), qualify.Counts{Received: 999, Lost: 1}, 0, false, "1 of 1000 frames were lost, 0 of them in this host"},
		{sent(1000, 100e6), qualify.Counts{Received: 990, Lost: 10}, 7, false, "10 of 1000 frames were lost, 7 of them in this host"},
		{sent(1000, 100e6), qualify.Counts{Lost: 1000}, 0, false, "no frame arrived"},
		{sent(1000, 100e6), qualify.Counts{Received: 1000, Cut: 3}, 0, false, "3 frames were cut"},
		{sent(1000, 100e6), qualify.Counts{Received: 1000, Damaged: 2}, 0, false, "2 frames arrived in another form"},
		{sent(0, 0), qualify.Counts{}, 0, false, "nothing was sent"},
	} {
		c := &Certificate{Asked: 100e6, Sent: one.sent, Arrived: one.arrived, Interface: []span.Stats{{Dropped: one.dropped}}}
		if c.judge(); c.Passed != one.passed || !strings.Contains(c.Because, one.because) {
			t.Errorf("%+v, %+v: %v, %s", one.sent, one.arrived, c.Passed, c.Because)
		}
	}
}

// TestSave: the certificate stands beside the bench file, in the place of an older one.
func TestSave(t *testing.T) {
	path := CertificatePath(&benchfile.Bench{File: filepath.Join(t.TempDir(), "rc-01.yaml")})
	for _, passed := range []bool{false, true} {
		if err := (&Certificate{Schema: 1, Passed: passed}).save(path); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || filepath.Base(path) != "rc-01.span.json" {
		t.Fatal(path, err)
	}
	var c Certificate
	if err := json.Unmarshal(text, &c); err != nil || !c.Passed {
		t.Errorf("%v, %s", err, text)
	}
}

// TestTarget: the load goes to the MAC address that the bench or the caller names.
func TestTarget(t *testing.T) {
	b := &benchfile.Bench{}
	if _, err := (&Load{From: "lo"}).generator(b); err == nil || !strings.Contains(err.Error(), "--to") {
		t.Error(err)
	}
	b.Device.MACs = []string{"02:00:5e:00:00:10"}
	if _, err := (&Load{From: "lo"}).generator(b); err == nil || !strings.Contains(err.Error(), "no Ethernet address") {
		t.Error(err)
	}
	if _, err := (&Load{From: "nosuch0"}).generator(b); err == nil || !strings.Contains(err.Error(), "name an interface of this host") {
		t.Error(err)
	}
}

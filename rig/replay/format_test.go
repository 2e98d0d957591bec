package replay_test

import (
	"errors"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig"
)

// TestFormat reads with package rig what synth, which knows nothing of it,
// writes from the contract's section 7.
func TestFormat(t *testing.T) {
	r := synth.New("format").Standard().RNM(func(w *synth.Window) { w.Services = map[string]string{"maps": "off"} }).Standard()
	rec := open(t, r)
	if len(rec.Windows) != 3 || rec.Windows[0].Guard != 10*time.Second || rec.Windows[2].Repeat != 2 || rec.Windows[1].Services["maps"] != "off" {
		t.Errorf("windows %+v", rec.Windows)
	}
	if inv := rec.Inventory; inv.Device.Serial != synth.Serial || len(inv.Device.MACs) != 1 || inv.Device.MACs[0] != synth.Device.MAC || len(inv.LAN) != 2 {
		t.Errorf("inventory %+v", inv)
	}
	j := rec.Journal
	if !j.Ended || len(j.Controls) != 21 || len(j.Modes) != 6 || len(j.Apps) != 3 || len(j.Routes) != 2 || len(j.Stats) != 5 || len(j.Services) != 1 {
		t.Errorf("journal: %d controls, %d modes, %d apps, %d routes, %d stats, %d services, ended %v",
			len(j.Controls), len(j.Modes), len(j.Apps), len(j.Routes), len(j.Stats), len(j.Services), j.Ended)
	}
}

// TestBrokenChain must be told apart from a file that cannot be read.
func TestBrokenChain(t *testing.T) {
	path, err := synth.New("broken").Standard().BreakChain().Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var chain *rig.ChainError
	if _, err = rig.Open(path); !errors.As(err, &chain) {
		t.Errorf("error %v, want a ChainError", err)
	}
}

func open(t *testing.T, r *synth.Recording) *rig.Recording {
	t.Helper()
	path, err := r.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rec, err := rig.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

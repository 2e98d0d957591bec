package rig

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	inventoryText = `{"schema":1,"device":{"model":"RM510B","serial":"SN1","firmware":"2.1","macs":["02:00:5e:00:00:10"]},
		"app":{"package":"dji.go","version":"10.1.0.30","uid":10123},"aircraft":{"model":"M3T","firmware":"9"},
		"lan":["10.0.0.7/24"],"resolvers":["::ffff:10.0.0.1"],"vantage":"us","host":{"name":"x"},"later":true}`
	windowsText = `{"schema":1,"windows":[
		{"name":"ldm/idle","mode":"ldm","from":"2026-11-23T12:01:00.5Z","to":"2026-11-23T12:02:00Z","control_every_s":2.5,"stimulus":"idle","services":{"maps":"off"}},
		{"name":"standard/idle","mode":"standard","from":"2026-11-23T12:00:00Z","to":"2026-11-23T12:01:00Z","guard_s":0}]}`
)

// folder writes files, by name, into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenFolder(t *testing.T) {
	dir := folder(t, map[string]string{"capture-0002.pcapng": "b", "capture-0001.pcapng.zst": "a", "inventory.json": inventoryText, "windows.json": windowsText, "journal.jsonl": string(sample(t))})
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.Bare || r.Name != filepath.Base(dir) || !slices.Equal(r.Files, []string{"capture-0001.pcapng.zst", "capture-0002.pcapng"}) || r.Captures[1] != filepath.Join(dir, "capture-0002.pcapng") {
		t.Errorf("recording %+v", r)
	}
	if w := r.Windows; len(w) != 2 || w[0].Name != "standard/idle" || w[0].Guard != 0 || w[0].ControlEvery != DefaultControlEvery ||
		w[1].Guard != DefaultGuard || w[1].ControlEvery != 2500*time.Millisecond || w[1].Services["maps"] != "off" || w[1].To-w[1].From != int64(59500*time.Millisecond) {
		t.Errorf("windows %+v", w)
	}
	i := r.Inventory
	if i.App.UID != "10123" || i.Vantage != "US" || i.LAN[0].String() != "10.0.0.0/24" || i.Resolvers[0].String() != "10.0.0.1" || i.Device.MACs[0][5] != 0x10 || !strings.Contains(string(i.Raw), "later") {
		t.Errorf("inventory %+v", i)
	}
	if r.SHA256 != digestByHand(t, dir) {
		t.Errorf("digest %s", r.SHA256)
	}
	if _, err := r.Find("ldm/idle"); err != nil {
		t.Error(err)
	}
	if _, err := r.Find("ldm/reboot"); !errors.Is(err, ErrStale) {
		t.Errorf("a window that is not there: %v", err)
	}
}

// digestByHand is the digest as the documentation of Open has it.
func digestByHand(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%s %x\n", e.Name(), sha256.Sum256(b))
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestOpenBare(t *testing.T) {
	dir := folder(t, map[string]string{"x.pcap": "abc"})
	r, err := Open(filepath.Join(dir, "x.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; !r.Bare || r.Name != "x.pcap" || r.SHA256 != want || r.Journal != nil {
		t.Errorf("%+v", r)
	}
}

func TestOpenWithout(t *testing.T) {
	r, err := Open(folder(t, map[string]string{"capture.pcapng": "", "windows.json": windowsText}))
	if err != nil || r.Journal != nil || len(r.Inventory.Device.MACs) != 0 {
		t.Errorf("without inventory and journal: %+v, %v", r, err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	with := func(name, text string) map[string]string {
		files := map[string]string{"capture.pcapng": "", "windows.json": windowsText, "inventory.json": inventoryText}
		files[name] = text
		return files
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
		is    error
	}{
		"empty":         {nil, "no capture.pcapng", ErrNotRecording},
		"no windows":    {map[string]string{"capture.pcapng": ""}, "no windows.json", ErrNotRecording},
		"two captures":  {with("capture.pcap", ""), "keep either one", nil},
		"mixed":         {with("capture-0001.pcapng", ""), "keep either one", nil},
		"series hole":   {map[string]string{"capture-0001.pcapng": "", "capture-0003.pcapng": "", "windows.json": windowsText}, "0 files with number 0002", nil},
		"schema":        {with("windows.json", `{"schema":2}`), "windows.json: schema 2", nil},
		"no json":       {with("windows.json", `{`), "windows.json: no valid JSON at byte 1", nil},
		"mode":          {with("windows.json", strings.Replace(windowsText, `"ldm",`, `"fly",`, 1)), `mode "fly"`, nil},
		"backwards":     {with("windows.json", strings.Replace(windowsText, "12:02", "12:00", 1)), "ends before it begins", nil},
		"service":       {with("windows.json", strings.Replace(windowsText, `"off"`, `"dim"`, 1)), "say on or off", nil},
		"guard":         {with("windows.json", strings.Replace(windowsText, `"guard_s":0`, `"guard_s":-1`, 1)), "guard_s", nil},
		"period":        {with("windows.json", strings.Replace(windowsText, `2.5`, `0`, 1)), "control_every_s", nil},
		"mac":           {with("inventory.json", strings.Replace(inventoryText, "02:00:5e:00:00:10", "02:00", 1)), "no MAC address", nil},
		"prefix":        {with("inventory.json", strings.Replace(inventoryText, "10.0.0.7/24", "10.0.0.7", 1)), "no prefix", nil},
		"type":          {with("inventory.json", strings.Replace(inventoryText, `"us"`, `7`, 1)), "vantage", nil},
		"broken chain":  {with("journal.jsonl", `{"seq":1,"time":"2026-11-23T12:00:00Z","kind":"end","prev":"x"}`), "hash chain broken", nil},
		"broken at end": {with("journal.jsonl", "{}\n{}\n"), "journal.jsonl:1", nil},
	} {
		_, err := Open(folder(t, c.files))
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzWindows(f *testing.F) {
	f.Add([]byte(windowsText))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseWindows(b)
		if err != nil && list != nil {
			t.Fatal("value and error")
		}
		for _, w := range list {
			if w.To <= w.From || w.ControlEvery <= 0 || w.Guard < 0 {
				t.Fatalf("window %+v", w)
			}
		}
	})
}

func FuzzInventory(f *testing.F) {
	f.Add([]byte(inventoryText))
	f.Fuzz(func(t *testing.T, b []byte) {
		if inv, err := ParseInventory(b); (err == nil) == (inv == nil) {
			t.Fatal("neither value nor error, or both")
		}
	})
}

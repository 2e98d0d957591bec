//go:build live

package sim_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/adb/android"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestLiveKilled: a recording that is killed leaves the device changed, and a
// file on it by which the next one, of whatever host, puts it back and says so.
func TestLiveKilled(t *testing.T) {
	t.Parallel()
	program := build(t)
	const name = "killed"
	out, err := exec.Command(program, "sim", "up", "--name", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command(program, "sim", "down", "--name", name).Run() })
	file := strings.TrimSpace(string(out))
	d := through(t, file)
	if err := android.PutSetting(t.Context(), d, android.System, "screen_off_timeout", "61000"); err != nil {
		t.Fatal(err)
	}
	before := prepared(t, d)
	dir := t.TempDir()
	killed := exec.Command(program, "record", "--bench", file, "--mode", "standard", "--for", "1m", "-o", filepath.Join(dir, "killed"))
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); prepared(t, d) != "7 86400000 off"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the device has %s still", prepared(t, d))
		}
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	if _, err := d.Stat(t.Context(), originals); err != nil || prepared(t, d) == before {
		t.Fatalf("after SIGKILL: %s, %v", prepared(t, d), err)
	}
	next := exec.Command(program, "record", "--bench", file, "--mode", "standard", "--for", "2s", "-o", filepath.Join(dir, "next"))
	var said bytes.Buffer
	next.Stderr = &said
	if err := next.Run(); err != nil {
		t.Errorf("%v\n%s", err, &said)
	}
	if got := prepared(t, d); got != before {
		t.Errorf("the device has %s, it had %s", got, before)
	}
	if _, err := d.Stat(t.Context(), originals); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left on the device: %v", err)
	}
	journal, err := os.ReadFile(filepath.Join(dir, "next", "journal.jsonl"))
	for _, want := range []string{`"kind":"notice"`, `"earlier":true`, `"from":"61000"`, `"kind":"restored"`} {
		if !strings.Contains(string(journal), want) {
			t.Errorf("the journal lacks %s, %v", want, err)
		}
	}
	if !strings.Contains(said.String(), "an earlier run on this device was cut short") {
		t.Errorf("nobody was told: %s", &said)
	}
}

const originals = "/data/local/tmp/spanrig-originals.json"

// through reaches the device of a bench.
func through(t *testing.T, file string) *adb.Device {
	t.Helper()
	b, err := benchfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := adb.New(adb.Config{Server: &adb.Server{Addr: b.Device.ADB.Server}, Serial: b.Device.ADB.Address})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := d.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return d
}

// prepared are the settings that a recording changes.
func prepared(t *testing.T, d *adb.Device) string {
	t.Helper()
	var values []string
	for _, s := range [][2]string{{android.Global, "stay_on_while_plugged_in"}, {android.System, "screen_off_timeout"}, {android.Global, "private_dns_mode"}} {
		value, _, err := android.Setting(t.Context(), d, s[0], s[1])
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return strings.Join(values, " ")
}

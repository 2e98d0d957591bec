package adb_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/rig/sim/adbd"
)

// shells that a line is tried with; busybox's sh and mksh are what Android has had.
var shells = [][]string{{"dash"}, {"bash"}, {"mksh"}, {"busybox", "sh"}}

// FuzzQuote lets every shell that is installed take the arguments apart again.
func FuzzQuote(f *testing.F) {
	var there [][]string
	for _, sh := range shells {
		if _, err := exec.LookPath(sh[0]); err == nil {
			there = append(there, sh)
		}
	}
	if len(there) == 0 {
		f.Skip("needs a POSIX shell: dash, bash, mksh or busybox")
	}
	simulated := adbd.NewShell(adbd.ShellConfig{Files: adbd.NewTree(nil)})
	for _, s := range []string{"", "'", "a b", "it's", "$(reboot)", "`x`", "\\", "\\'", "\n", "é", "\xff\xc3", "-n", "*", "~", "!x", "\x1b", "''", "'\\''", "\x00"} {
		f.Add(s, "x", s)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		want := []string{a, b, c}
		quoted, err := adb.Quote(want...)
		if strings.ContainsRune(a+b+c, 0) != (err != nil) || (err != nil) != (quoted == "") {
			t.Fatalf("Quote(%q) = %q, %v", want, quoted, err)
		}
		if err != nil {
			return
		}
		line := `printf '%s\0' ` + quoted
		for _, sh := range there {
			out, err := exec.Command(sh[0], append(sh[1:], "-c", line)...).Output()
			if got := fields(out); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s of %q: %q, %v; want %q", sh, quoted, got, err, want)
			}
		}
		var out, complaint bytes.Buffer
		code := simulated.Exec(t.Context(), line, strings.NewReader(""), &out, &complaint)
		if got := fields(out.Bytes()); code != 0 || !slices.Equal(got, want) {
			t.Errorf("the simulator of %q: %q, %d, %s; want %q", quoted, got, code, complaint.Bytes(), want)
		}
	})
}

func fields(out []byte) []string {
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func TestQuoteNothing(t *testing.T) {
	if s, err := adb.Quote(); err == nil {
		t.Errorf("Quote() = %q, want an error", s)
	}
}

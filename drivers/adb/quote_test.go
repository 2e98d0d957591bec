package adb

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
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
	for _, s := range []string{"", "'", "a b", "it's", "$(reboot)", "`x`", "\\", "\\'", "\n", "é", "\xff\xc3", "-n", "*", "~", "!x", "\x1b", "''", "'\\''", "\x00"} {
		f.Add(s, "x", s)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		want := []string{a, b, c}
		quoted, err := Quote(want...)
		if strings.ContainsRune(a+b+c, 0) != (err != nil) || (err != nil) != (quoted == "") {
			t.Fatalf("Quote(%q) = %q, %v", want, quoted, err)
		}
		if err != nil {
			return
		}
		for _, sh := range there {
			out, err := exec.Command(sh[0], append(sh[1:], "-c", `printf '%s\0' `+quoted)...).Output()
			got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s of %q: %q, %v; want %q", sh, quoted, got, err, want)
			}
		}
	})
}

func TestQuoteNothing(t *testing.T) {
	if s, err := Quote(); err == nil {
		t.Errorf("Quote() = %q, want an error", s)
	}
}

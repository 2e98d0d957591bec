package cli

import (
	"strings"
	"testing"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 5, "abc  "}, {"abc", 3, "abc"}, {"abcdef", 4, "abc…"}, {"äöüß", 3, "äö…"}, {"", 2, "  "}} {
		if got := fit(c.in, c.n); got != c.want {
			t.Errorf("fit(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestPrintableKeepsTheTerminalSafe(t *testing.T) {
	if got := printable("a\x1b[31mb\x07\u202ec\xff\u009bd\u200b\u2066\u2028\ufeff"); strings.ContainsAny(got, "\x1b\x07\u202e\u009b\u200b\u2066\u2028\ufeff") {
		t.Errorf("printable left control characters: %q", got)
	}
	if got := printable("zürich 東京"); got != "zürich 東京" {
		t.Errorf("printable changed text: %q", got)
	}
}

func TestWrap(t *testing.T) {
	got := terminal{width: 30}.wrap("  ", "one two three four five six seven")
	for line := range strings.Lines(got) {
		if n := len(strings.TrimSuffix(line, "\n")); n > 30 || !strings.HasPrefix(line, "  ") {
			t.Errorf("line %q", line)
		}
	}
	if got := (terminal{}).wrap("  ", strings.Repeat("word ", 50)); strings.Contains(got, "\n") {
		t.Error("a pipe gets broken lines")
	}
}

package drivers

import "testing"

func TestParseMode(t *testing.T) {
	for _, s := range []string{"standard", "rnm", "ldm"} {
		if m, err := ParseMode(s); err != nil || string(m) != s {
			t.Errorf("ParseMode(%q) = %q, %v", s, m, err)
		}
	}
	for _, s := range []string{"", "LDM", "local"} {
		if m, err := ParseMode(s); err == nil || m != "" {
			t.Errorf("ParseMode(%q) = %q, want an error and nothing else", s, m)
		}
	}
}

package adbd

import (
	"testing"
	"unicode/utf8"
)

// FuzzRaw brings every line there and back, as UTF-8 in between.
func FuzzRaw(f *testing.F) {
	for _, s := range []string{"", "plain", "\xff\xfe", "\xee\xbe\x80", "é\xc3", "\xed\xa0\x80", "�"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := encodeRaw(s)
		if !utf8.ValidString(e) {
			t.Errorf("%q became %q", s, e)
		}
		if back := decodeRaw(e); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

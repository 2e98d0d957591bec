package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// bundled is a bundle of a trace of the repository, as a folder.
func bundled(t *testing.T, trace string) string {
	t.Helper()
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), trace)
	if _, err := evidence.Seal(t.Context(), traces+trace, dir, evidence.Options{Options: replay.Options{Policy: p}, Tool: "spanrig test"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReport(t *testing.T) {
	bundle := bundled(t, "ldm1-tls")
	page := filepath.Join(t.TempDir(), "page.html")
	if code, out, errs := call(t, nil, "report", bundle, "-o", page); code != 0 || out != "" || errs != "" {
		t.Fatalf("exit %d, %q, %q", code, out, errs)
	}
	text, err := os.ReadFile(page)
	if err != nil || !bytes.HasPrefix(text, []byte("<!doctype html>")) || !bytes.Contains(text, []byte("<strong>ldm1-tls</strong>")) {
		t.Errorf("the page is %.80q, %v", text, err)
	}
	if stat, err := os.Stat(page); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
	if code, out, _ := call(t, nil, "report", bundle, "-o", "-"); code != 0 || out != string(text) {
		t.Errorf("standard output differs from the file; exit %d", code)
	}
}

func TestReportRefuses(t *testing.T) {
	changed := bundled(t, "clean-ldm")
	if err := os.WriteFile(filepath.Join(changed, evidence.ReadmeName), bytes.Repeat([]byte("x"), 9), 0o600); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "page.html")
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{changed, "-o", page}, exitRig, evidence.ReadmeName},
		{[]string{traces + "clean-ldm", "-o", page}, exitRig, evidence.ManifestName},
		{[]string{"nowhere.zip", "-o", page}, exitUsage, "check the path"},
		{[]string{changed}, exitUsage, "output"},
		{[]string{"-o", page}, exitUsage, "BUNDLE"},
	} {
		code, _, errs := call(t, nil, append([]string{"report"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.errs) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit %d, %q", c.args, code, errs)
		}
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("a page was left behind")
	}
}

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
)

// change replaces text in a file.
func change(t *testing.T, path, old, new string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(content, []byte(old)) {
		t.Fatalf("%s has no %q: %v", path, old, err)
	}
	if err := os.WriteFile(path, bytes.Replace(content, []byte(old), []byte(new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestNobodyReadsAChangedManifest: report, diff and sign hold the manifest
// against SHA256SUMS and attestation before they believe it.
func TestNobodyReadsAChangedManifest(t *testing.T) {
	t.Setenv(evidence.KeyVariable, "")
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	told(t, 0, "key ID", "evidence", "keygen", "-o", in("lab"))
	told(t, 0, "signed by", "evidence", "seal", traces+"ldm1-tls", "--key", in("lab.key"), "--by", "Ada", "-o", in("run"))
	change(t, in("run/manifest.json"), `"sealed":"20`, `"sealed":"19`)
	const want = "manifest.json: it was changed after it was sealed"
	told(t, 4, want, "report", in("run"), "-o", in("page.html"))
	told(t, 4, want, "diff", in("run"), traces+"clean-ldm")
	told(t, 4, want, "evidence", "sign", in("run"), "--key", in("lab.key"))
	told(t, 4, want, "evidence", "verify", in("run"))
}

// TestReportOfAnyChange: a byte that was changed in any file of a bundle is exit
// code 4, and the file is named.
func TestReportOfAnyChange(t *testing.T) {
	whole := bundled(t, "clean-ldm")
	b, err := evidence.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, name := range b.Names() {
		if strings.HasSuffix(name, ".pcapng") {
			continue // no page shows it
		}
		path := filepath.Join(whole, filepath.FromSlash(name))
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, len(content) / 3, len(content) / 2} {
			bad := bytes.Clone(content)
			bad[at] ^= 2
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			told(t, 4, name, "report", whole, "-o", filepath.Join(t.TempDir(), "page.html"))
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

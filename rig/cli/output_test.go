package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingIsWrittenOver: no result replaces what is read, what is sealed, or
// what no spanrig has written.
func TestNothingIsWrittenOver(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	recording := saved(t, "rec", "02.02.0100")
	zip, bundle := sealed(t, recording, ".zip"), sealed(t, recording, "")
	policy, other := write(t, "lab.yaml", "schema: 1\nname: lab\n"), write(t, "notes.txt", "mine")
	capture := filepath.Join(recording, "capture.pcapng")
	for name, target := range map[string]string{"to-zip.html": zip, "nowhere.html": in("nothing"), "to-recording": recording} {
		if err := os.Symlink(target, in(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(zip, in("hard.html")); err != nil {
		t.Fatal(err)
	}
	before := contents(t, recording, bundle, filepath.Dir(zip), filepath.Dir(policy), filepath.Dir(other))
	for _, c := range []struct{ want, args string }{
		{"is read here", "report ZIP -o ZIP"},
		{"is read here", "report ZIP -o DIR/to-zip.html"},
		{"is read here", "report ZIP -o DIR/hard.html"},
		{"leads nowhere", "report ZIP -o DIR/nowhere.html"},
		{"which is read here", "report BUNDLE -o BUNDLE/page.html"},
		{"which is read here", "report BUNDLE -o BUNDLE/recording/page.html"},
		{"is a folder", "report ZIP -o DIR"},
		{"inside the bundle", "report ZIP -o BUNDLE/page.html"},
		{"not overwritten", "report BUNDLE -o ZIP"},
		{"not overwritten", "report BUNDLE -o OTHER"},
		{"which is read here", "judge REC --junit REC/capture.pcapng"},
		{"which is read here", "judge REC --junit REC/verdicts.xml"},
		{"which is read here", "judge REC --junit DIR/to-recording/verdicts.xml"},
		{"is read here", "judge CAPTURE --junit CAPTURE"},
		{"is read here", "judge REC --overlay POLICY --junit POLICY"},
		{"name a file", "judge REC --junit -"},
		{"is read here", "diff ZIP REC --html ZIP"},
		{"which is read here", "diff ZIP REC --junit REC/drift.xml"},
		{"inside the bundle", "diff ZIP REC --junit BUNDLE/drift.xml"},
		{"name a file", "diff ZIP REC --html -"},
		{"name two", "diff ZIP REC --html DIR/x --junit DIR/x"},
		{"inside the bundle", "evidence seal REC -o BUNDLE/sub"},
		{"inside the bundle", "evidence seal REC -o BUNDLE/sub/deeper.zip"},
		{"which is read here", "evidence seal REC -o REC/bundle"},
		{"which is read here", "baseline REC -o REC/baseline.json"},
		{"inside the bundle", "baseline REC -o BUNDLE/baseline.json"},
	} {
		args := strings.Fields(strings.NewReplacer("ZIP", zip, "BUNDLE", bundle, "REC", recording, "CAPTURE", capture, "POLICY", policy, "OTHER", other, "DIR", dir).Replace(c.args))
		code, out, errs := call(t, nil, args...)
		if code != exitUsage || out != "" || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, %q; want %q", c.args, code, out, errs, c.want)
		}
	}
	if after := contents(t, recording, bundle, filepath.Dir(zip), filepath.Dir(policy), filepath.Dir(other)); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// contents lists the files below folders with what they hold.
func contents(t *testing.T, dirs ...string) string {
	t.Helper()
	var b strings.Builder
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			sha := sha256.Sum256(content)
			b.WriteString(path + " " + hex.EncodeToString(sha[:]) + "\n")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestWhatIsNoFileStays: a link is followed, and a pipe is written into.
func TestWhatIsNoFileStays(t *testing.T) {
	dir := t.TempDir()
	page, link := filepath.Join(dir, "page.xml"), filepath.Join(dir, "link.xml")
	if err := os.WriteFile(page, []byte("<old/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("page.xml", link); err != nil {
		t.Fatal(err)
	}
	told(t, 0, "PASS", "judge", traces+"clean-ldm", "--junit", link)
	stat, err := os.Lstat(link)
	if content, failed := os.ReadFile(page); err != nil || failed != nil || stat.Mode()&os.ModeSymlink == 0 || !strings.Contains(string(content), "<testsuites") {
		t.Errorf("%v, %v, %v: %.40s", stat.Mode(), err, failed, content)
	}
	read, written, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	told(t, 0, "PASS", "judge", traces+"clean-ldm", "--junit", fmt.Sprintf("/dev/fd/%d", written.Fd()))
	if err := written.Close(); err != nil {
		t.Fatal(err)
	}
	content := make([]byte, 1<<16)
	n, err := read.Read(content)
	if err != nil || !strings.Contains(string(content[:n]), "<testsuites") {
		t.Errorf("%v: %.40s", err, content[:n])
	}
	for _, left := range []string{page, link} {
		if err := os.Remove(left); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("%v is left behind, %v", list, err)
	}
}

// TestStandardOutputIsNotReplaced: who gave it a file wants the result there.
func TestStandardOutputIsNotReplaced(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := (Streams{Out: out}).mayWrite(out.Name()); err == nil || !strings.Contains(err.Error(), "standard output goes") {
		t.Error(err)
	}
}

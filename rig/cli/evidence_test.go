package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
)

// told runs the command line and checks the exit code and a part of what is said.
func told(t *testing.T, code int, want string, args ...string) string {
	t.Helper()
	got, out, errs := call(t, nil, args...)
	if got != code || !strings.Contains(out+errs, want) {
		t.Errorf("spanrig %s: exit %d, want %d with %q\n%s%s", strings.Join(args, " "), got, code, want, out, errs)
	}
	if strings.Count(errs, "\n") > 1 {
		t.Errorf("more than a line: %q", errs)
	}
	return out + errs
}

func TestEvidence(t *testing.T) {
	t.Setenv(evidence.KeyVariable, "")
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	told(t, 0, "key ID", "evidence", "keygen", "-o", in("lab"))
	told(t, 2, "not overwritten", "evidence", "keygen", "-o", in("lab"))
	told(t, 0, "key ID", "evidence", "keygen", "-o", in("second"))
	for _, bundle := range []string{in("run.zip"), in("run")} {
		told(t, 0, "FAIL: 3 fail", "evidence", "seal", traces+"ldm1-tls", "--key", in("lab.key"), "--by", "Ada, tester", "--note", "night", "-o", bundle)
		told(t, 2, "not overwritten", "evidence", "seal", traces+"ldm1-tls", "-o", bundle)
		told(t, 0, "was not checked, give it with --key", "evidence", "verify", bundle)
		told(t, 0, "who sealed it\n", "evidence", "verify", bundle, "--key", in("lab.pub"))
		told(t, 4, "is not signed by key", "evidence", "verify", bundle, "--key", in("lab.pub"), "--key", in("second.pub"))
		told(t, 0, "signed by key", "evidence", "sign", bundle, "--key", in("second.key"))
		told(t, 2, "already", "evidence", "sign", bundle, "--key", in("second.key"))
		told(t, 0, "nothing differs", "evidence", "verify", bundle, "--key", in("lab.pub"), "--key", in("second.pub"))
	}
	told(t, 0, "not signed", "evidence", "seal", traces+"clean-ldm", "-o", in("unsigned"))
	told(t, 0, "anybody may have made it", "evidence", "verify", in("unsigned"))
	told(t, 4, "the bundle is not signed", "evidence", "verify", in("unsigned"), "--key", in("lab.pub"))
	if err := os.Remove(in("unsigned/flows.jsonl")); err != nil {
		t.Fatal(err)
	}
	told(t, 4, "flows.jsonl: it is missing", "evidence", "verify", in("unsigned"))
	told(t, 4, "no such file", "evidence", "verify", in("nowhere"))
	told(t, 2, "open "+in("nodir/x.zip")+": no such file", "evidence", "seal", traces+"clean-ldm", "-o", in("nodir/x.zip"))
	told(t, 4, "manifest.json: it is missing", "evidence", "verify", traces+"clean-ldm")
	told(t, 2, "PUBLIC KEY", "evidence", "verify", in("run"), "--key", in("lab.key"))
	told(t, 2, "PRIVATE KEY", "evidence", "seal", traces+"clean-ldm", "--key", in("lab.pub"), "-o", in("x"))
	told(t, 2, "names nobody", "evidence", "seal", traces+"clean-ldm", "--by", ", tester", "-o", in("x"))
	told(t, 2, "check the path", "evidence", "seal", in("nowhere"), "-o", in("x"))
	told(t, 2, "give --key FILE", "evidence", "sign", in("run"))
	told(t, 2, "one BUNDLE", "evidence", "verify")
	told(t, 2, "required flag", "evidence", "seal", traces+"clean-ldm")
}

func TestEvidenceJSON(t *testing.T) {
	t.Setenv(evidence.KeyVariable, "")
	bundle := filepath.Join(t.TempDir(), "run.zip")
	told(t, 0, "not signed", "evidence", "seal", traces+"clean-rnm", "-o", bundle)
	read := func(code int) (o outcome) {
		got, out, _ := call(t, nil, "evidence", "verify", "--json", bundle)
		if err := json.Unmarshal([]byte(out), &o); err != nil || got != code {
			t.Fatalf("exit %d, %v: %s", got, err, out)
		}
		return o
	}
	if o := read(0); !o.Verified || o.Difference != nil || o.Result != "pass" || o.Recording != "clean-rnm" {
		t.Errorf("%+v", o)
	}
	content, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	content[5000] ^= 1
	if err := os.WriteFile(bundle, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if o := read(4); o.Verified || o.Difference == nil || o.Difference.File != "recording/clean-rnm/capture.pcapng" {
		t.Errorf("%+v", o.Difference)
	}
}

// TestEvidenceKey: a key of the environment signs, and is shown nowhere.
func TestEvidenceKey(t *testing.T) {
	dir := t.TempDir()
	told(t, 0, "key ID", "evidence", "keygen", "-o", filepath.Join(dir, "lab"))
	key, err := os.ReadFile(filepath.Join(dir, "lab.key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(evidence.KeyVariable, string(key))
	secret := strings.Split(string(key), "\n")[1]
	bundle := filepath.Join(dir, "run.zip")
	said := told(t, 0, "signed by key", "evidence", "seal", traces+"clean-ldm", "-o", bundle)
	said += told(t, 0, "who sealed it", "evidence", "verify", bundle, "--key", filepath.Join(dir, "lab.pub"))
	t.Setenv(evidence.KeyVariable, secret[:40])
	said += told(t, 2, evidence.KeyVariable, "evidence", "seal", traces+"clean-ldm", "-o", filepath.Join(dir, "x"))
	content, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said+string(content), secret[:30]) {
		t.Error("the private key is shown")
	}
}

// TestExposedKey: a key that others can read signs, and that is said.
func TestExposedKey(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "lab.key")
	told(t, 0, "key ID", "evidence", "keygen", "-o", filepath.Join(dir, "lab"))
	for mode, want := range map[os.FileMode]string{0o600: "", 0o400: "", 0o640: key + ": others can use this key (mode 0640); chmod 600 it\n", 0o604: key + ": others can use this key (mode 0604); chmod 600 it\n"} {
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		bundle := filepath.Join(t.TempDir(), "run.zip")
		if code, _, errs := call(t, nil, "evidence", "seal", traces+"clean-ldm", "--key", key, "-o", bundle); code != 0 || errs != want {
			t.Errorf("%o: exit %d, %q", mode, code, errs)
		}
	}
}

// TestEvidenceBench: what a recording says of its bench decides by what it is
// judged, and flags go before it.
func TestEvidenceBench(t *testing.T) {
	t.Setenv(evidence.KeyVariable, "")
	dir := t.TempDir()
	recording := filepath.Join(dir, "run")
	if err := os.CopyFS(recording, os.DirFS(traces+"clean-ldm")); err != nil {
		t.Fatal(err)
	}
	bench := func(judge string) {
		if err := os.WriteFile(filepath.Join(recording, "bench.json"), []byte(`{"schema":1,"judge":`+judge+`}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	sealed := func(args ...string) *evidence.Manifest {
		t.Helper()
		n++
		out := filepath.Join(dir, "bundle-"+string(rune('a'+n))+".zip")
		told(t, 0, "not signed", append([]string{"evidence", "seal", recording, "-o", out}, args...)...)
		told(t, 0, "nothing differs", "evidence", "verify", out)
		b, err := evidence.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		return b.Manifest()
	}
	abs, err := filepath.Abs("../../fixtures/geo/country.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	bench(`{"policy":"transport","geo":["` + abs + `"]}`)
	if m := sealed("--require", "TLS-1", "--accept-waivers"); m.Judged.Policy.Name != "transport" || len(m.Judged.Databases.Files) != 1 || !m.Judged.AcceptWaivers || len(m.Judged.Require) != 1 {
		t.Errorf("%+v", m.Judged)
	}
	if m := sealed("--policy", "dji-pilot2"); m.Judged.Policy.Name != "dji-pilot2" || len(m.Judged.Databases.Files) != 0 {
		t.Errorf("%+v", m.Judged)
	}
	bench(`{}`)
	if m := sealed(); m.Judged.Policy.Name != "dji-pilot2" {
		t.Errorf("%+v", m.Judged)
	}
	bench(`{"policy":"transport","overlays":["lab.yaml"]}`)
	told(t, 2, "bench.json says by what to judge", "evidence", "seal", recording, "-o", filepath.Join(dir, "x"))
	told(t, 2, "leave one out", "evidence", "seal", recording, "--bench", "b.yaml", "--policy", "transport", "-o", filepath.Join(dir, "x"))
	told(t, 2, "nowhere.yaml", "evidence", "seal", recording, "--bench", "nowhere.yaml", "-o", filepath.Join(dir, "x"))
}

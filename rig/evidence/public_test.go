package evidence_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/spanrig/spanrig/rig/evidence"
)

// signedBundle is a folder that is signed with a key in files, as a lab would.
func signedBundle(t *testing.T, trace string) (bundle, publicKey, id string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "lab")
	public, err := evidence.GenerateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	o := options(t)
	if o.Key, err = evidence.LoadPrivateKey(name + ".key"); err != nil {
		t.Fatal(err)
	}
	bundle, _ = seal(t, trace, "bundle", o)
	return bundle, name + ".pub", evidence.KeyID(public)
}

// TestReadme runs the commands of a bundle's README.txt, which are those of
// public tools, in the bundle.
func TestReadme(t *testing.T) {
	for _, tool := range []string{"sha256sum", "openssl", "jq", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not here", tool)
		}
	}
	bundle, public, id := signedBundle(t, "ldm1-tls")
	readme, err := os.ReadFile(filepath.Join(bundle, evidence.ReadmeName))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "with public tools")
	script := "set -eu\ncp -r " + bundle + " work && cd work\n"
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "  "); ok && !strings.HasPrefix(rest, " ") {
			script += strings.NewReplacer("SIGNER.pub", public, `"ID"`, `"`+id+`"`).Replace(rest)
		}
	}
	c := exec.Command("bash", "-c", script)
	c.Dir = t.TempDir()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	manifest := digest(t, filepath.Join(bundle, evidence.ManifestName))
	for _, want := range []string{"verdicts.json: OK", "recording/ldm1-tls/capture.pcapng: OK", "manifest.json: OK",
		"Signature Verified Successfully", id + "  -", manifest + "\n" + manifest + "  manifest.json"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "FAILED") || strings.Count(string(out), ": OK") != len(open(t, bundle).Manifest().Files)+1 {
		t.Errorf("sha256sum: %s", out)
	}
}

func digest(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("sha256sum", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))[0]
}

// TestOpenSSL: keys and signatures of ours and of OpenSSL are the same.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not here")
	}
	dir := t.TempDir()
	run := func(args ...string) {
		if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	private, public := filepath.Join(dir, "k.key"), filepath.Join(dir, "k.pub")
	run("genpkey", "-algorithm", "ed25519", "-out", private)
	run("pkey", "-in", private, "-pubout", "-out", public)
	key, err := evidence.LoadPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := evidence.LoadPublicKey(public)
	if err != nil || !pub.Equal(key.Public()) {
		t.Fatal(pub, err)
	}
	o := options(t)
	o.Key = key
	path, _ := seal(t, "clean-ldm", "b.zip", o)
	if _, err := verify(t, path, pub); err != nil {
		t.Fatal(err)
	}
}

// TestInToto: the libraries of DSSE and in-toto verify and read the attestation.
func TestInToto(t *testing.T) {
	for trace, want := range map[string]string{"ldm1-tls": evidence.Failed, "clean-ldm": evidence.Passed, "cap1-slot-missing": evidence.Failed} {
		t.Run(trace, func(t *testing.T) {
			bundle, public, id := signedBundle(t, trace)
			statement := statementOf(t, bundle, public, id)
			if err := statement.Validate(); err != nil {
				t.Fatal(err)
			}
			if statement.GetPredicateType() != evidence.PredicateType || statement.GetSubject()[0].GetName() != evidence.ManifestName ||
				statement.GetSubject()[0].GetDigest()["sha256"] != digest(t, filepath.Join(bundle, evidence.ManifestName)) {
				t.Errorf("statement %v", statement)
			}
			predicate, err := protojson.Marshal(statement.GetPredicate())
			if err != nil {
				t.Fatal(err)
			}
			var result testresult.TestResult
			if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(predicate, &result); err != nil {
				t.Fatal(err)
			}
			if result.GetResult() != want || len(result.GetConfiguration()) != 2 || len(result.GetPassedTests()) == 0 || (len(result.GetFailedTests()) == 0) != (want == evidence.Passed) {
				t.Errorf("result %v", &result)
			}
			for _, c := range result.GetConfiguration() {
				if err := c.Validate(); err != nil || c.GetDigest()["sha256"] != digest(t, filepath.Join(bundle, c.GetName())) {
					t.Errorf("configuration %v: %v", c, err)
				}
			}
			exact := statement.GetPredicate().AsMap()[evidence.Extension].(map[string]any)
			if exact["result"] != string(open(t, bundle).Manifest().Result) {
				t.Errorf("extension %v", exact)
			}
		})
	}
}

// statementOf verifies the envelope with the library of DSSE.
func statementOf(t *testing.T, bundle, publicFile, id string) *intoto.Statement {
	t.Helper()
	pem, err := os.ReadFile(publicFile)
	if err != nil {
		t.Fatal(err)
	}
	key, err := signerverifier.LoadKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signerverifier.NewED25519SignerVerifierFromSSLibKey(key)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := dsse.NewEnvelopeVerifier(v)
	if err != nil {
		t.Fatal(err)
	}
	var envelope dsse.Envelope
	content, err := os.ReadFile(filepath.Join(bundle, evidence.AttestationName))
	if err == nil {
		err = json.Unmarshal(content, &envelope)
	}
	if err != nil {
		t.Fatal(err)
	}
	accepted, payload, err := verifier.VerifyAndDecode(t.Context(), &envelope)
	if err != nil || len(accepted) != 1 || accepted[0].KeyID != id || envelope.PayloadType != evidence.PayloadType {
		t.Fatalf("%v, %v", accepted, err)
	}
	var statement intoto.Statement
	if err := protojson.Unmarshal(payload, &statement); err != nil {
		t.Fatal(err)
	}
	return &statement
}

// TestKeys: files of keys, and what is refused without showing any of it.
func TestKeys(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lab")
	public, err := evidence.GenerateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{name + ".key", name + ".pub"} {
		if stat, err := os.Stat(file); err != nil || stat.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", file, stat.Mode(), err)
		}
	}
	if _, err := evidence.GenerateKey(name); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Errorf("a key was overwritten: %v", err)
	}
	if err := os.Remove(name + ".key"); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.GenerateKey(name); err == nil {
		t.Error("a public key was overwritten")
	}
	if _, err := os.Stat(name + ".key"); err == nil {
		t.Error("half a pair is left")
	}
	if got, err := evidence.LoadPublicKey(name + ".pub"); err != nil || !got.Equal(public) {
		t.Error(got, err)
	}
}

func TestEnvironmentKey(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lab")
	public, err := evidence.GenerateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name + ".key")
	if err != nil {
		t.Fatal(err)
	}
	inner := strings.Split(strings.TrimSpace(string(text)), "\n")[1]
	for _, value := range []string{string(text), inner, strings.ReplaceAll(string(text), "\n", "\r\n")} {
		t.Setenv(evidence.KeyVariable, value)
		if key, err := evidence.EnvironmentKey(); err != nil || !public.Equal(key.Public()) {
			t.Errorf("%v", err)
		}
	}
	t.Setenv(evidence.KeyVariable, "")
	if key, err := evidence.EnvironmentKey(); key != nil || err != nil {
		t.Errorf("%v", err)
	}
	for _, value := range []string{"x", inner[:20], inner + "AAAA", string(text) + string(text), "-----BEGIN PRIVATE KEY-----", strings.ReplaceAll(string(text), "PRIVATE", "PUBLIC"),
		"-----BEGIN PRIVATE KEY-----\n" + inner[1:] + "A\n-----END PRIVATE KEY-----\n"} {
		t.Setenv(evidence.KeyVariable, value)
		key, err := evidence.EnvironmentKey()
		if err == nil || key != nil {
			t.Errorf("%.30q is taken", value)
			continue
		}
		if shown := fmt.Sprint(err); strings.Contains(shown, inner[20:40]) || strings.Contains(shown, "\n") {
			t.Errorf("the error shows the key, or more than a line: %s", shown)
		}
	}
}

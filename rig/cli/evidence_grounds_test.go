package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/evidence"
)

// TestVerifyNamesGrounds: that a policy is not the shipped one, what was added to
// it, trusted, waived and required stands in what verify says.
func TestVerifyNamesGrounds(t *testing.T) {
	t.Setenv(evidence.KeyVariable, "")
	shipped, err := os.ReadFile("../../fixtures/policies/dji-pilot2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	altered := write(t, "dji-pilot2.yaml", strings.ReplaceAll(string(shipped), "dji.com", "djix.com"))
	own := write(t, "own.yaml", "schema: 1\nname: lab\nextends: dji-pilot2\n")
	overlay := "schema: 1\nname: lab\nwaivers:\n"
	for _, claim := range []string{"LDM-1", "LDM-2", "LDM-3", "LDM-5"} {
		overlay += "  - {claim: " + claim + ", endpoint: 0.0.0.0/0, reason: \"known \\u202eand old\", owner: me, expires: 2099-01-31}\n"
	}
	added := write(t, "ov.yaml", overlay)
	outcomeOf := func(args ...string) (text string, o outcome) {
		t.Helper()
		bundle := filepath.Join(t.TempDir(), "run.zip")
		told(t, 0, "not signed", append([]string{"evidence", "seal", traces + "ldm1-tls", "-o", bundle}, args...)...)
		text = told(t, 0, "nothing differs", "evidence", "verify", bundle)
		_, out, _ := call(t, nil, "evidence", "verify", "--json", bundle)
		if err := json.Unmarshal([]byte(out), &o); err != nil || o.JudgedBy == nil {
			t.Fatal(err, out)
		}
		return text, o
	}
	says := func(text string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
	text, o := outcomeOf()
	says(text, "judged by the policy dji-pilot2, SHA-256 ", ": the dji-pilot2 of this program, spanrig ")
	if o.JudgedBy.Standing != evidence.Shipped || strings.Contains(text, "added") || strings.Contains(text, "waived") || strings.Contains(text, "trusted") {
		t.Errorf("%+v\n%s", o.JudgedBy, text)
	}
	text, o = outcomeOf("--policy", altered)
	says(text, ": NOT the dji-pilot2 of this program, spanrig ", "read policy/1/dji-pilot2.yaml")
	if o.JudgedBy.Standing != evidence.Altered {
		t.Errorf("%+v", o.JudgedBy)
	}
	text, _ = outcomeOf("--policy", own)
	says(text, "judged by the policy lab, SHA-256 ", ": none of this program, spanrig ", "read policy/2/own.yaml")
	text, o = outcomeOf("--overlay", added, "--trust-capture", "a friend", "--require", "LDM-1", "--geo", "../../fixtures/geo/country.mmdb")
	says(text, "and what was added to it\n", "added to the policy: policy/2/ov.yaml, read it\n", "places by country.mmdb SHA-256 ",
		"NOT proven to be fit but trusted, for: a friend\n", "required: LDM-1\n", "waived, and counted as fail: LDM-1 ldm/", ", by me until 2099-01-31: known .and old\n")
	if o.JudgedBy.Trust != "a friend" || o.JudgedBy.AcceptWaivers || len(o.JudgedBy.Waived) == 0 || len(o.JudgedBy.Files) != 2 {
		t.Errorf("%+v", o.JudgedBy)
	}
	text, o = outcomeOf("--overlay", added, "--accept-waivers")
	says(text, "waived, and ACCEPTED as no fail: LDM-1 ldm/")
	if !o.JudgedBy.AcceptWaivers {
		t.Errorf("%+v", o.JudgedBy)
	}
}

// TestPolicyOfAnotherRelease: a policy that differs may be that of the release
// that sealed.
func TestPolicyOfAnotherRelease(t *testing.T) {
	g := &evidence.Grounds{Policy: "dji-pilot2", Standing: evidence.Altered, Files: []evidence.GroundFile{{Path: "policy/1/dji-pilot2.yaml", Role: evidence.Main}}}
	if got := policyWords(g, "spanrig v0.0.1"); !strings.Contains(got, "it may be that of spanrig v0.0.1, which sealed: verify with that, or read policy/1/dji-pilot2.yaml") {
		t.Error(got)
	}
	if got := policyWords(g, "spanrig "+version()); strings.Contains(got, "may be") {
		t.Error(got)
	}
}

// TestVerifySaysForeignReadme: a README.txt of whoever sealed is not followed as ours.
func TestVerifySaysForeignReadme(t *testing.T) {
	v, err := evidence.Verify(t.Context(), bundled(t, "clean-ldm"), evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ours := range []bool{true, false} {
		v.Readme = ours
		var text strings.Builder
		if err := printVerified(&text, "run.zip", v, nil); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text.String(), "README.txt is not one that this program writes") == ours || outcomeOf(v, nil).ForeignReadme == ours {
			t.Errorf("%v: %s", ours, text.String())
		}
	}
}

package strict

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type sample struct {
	Name  Text              `yaml:"name"`
	Model string            `yaml:"model"`
	Wait  time.Duration     `yaml:"wait"`
	Count int               `yaml:"count"`
	Share float64           `yaml:"share"`
	On    *bool             `yaml:"on"`
	Modes map[string]nested `yaml:"modes"`
	List  []nested          `yaml:"list"`
}

type nested struct {
	ID string `yaml:"id"`
}

func TestDecode(t *testing.T) {
	v, findings := Decode[sample]("s.yaml", "sample", []byte(`
name: 1.10
model: true
wait: 1m30s
count: 7
share: 0.5
on: false
modes: {ldm: {id: a}, rnm: {id: b}}
list:
  - id: x
  - {id: 'y z'}
`))
	if findings != nil {
		t.Fatal(findings)
	}
	if v.Name != (Text{"1.10", 2, 7}) || v.Model != "true" || v.Wait != 90*time.Second || v.Count != 7 || v.Share != 0.5 ||
		v.On == nil || *v.On || v.Modes["rnm"].ID != "b" || len(v.List) != 2 || v.List[1].ID != "y z" {
		t.Errorf("got %+v", v)
	}
	if v, _ := Decode[sample]("s.yaml", "sample", []byte("name: x")); v == nil || v.On != nil {
		t.Error("an absent key is no nil")
	}
}

func TestFindings(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "s.yaml:1:1: holds nothing; see the built-in ones for what a sample takes",
		"wait: soon":                       "s.yaml:1:7: wait takes a time; write one such as 500ms, 90s or 70m",
		"wait: -3s":                        "wait takes a time",
		"wait: 10":                         "wait takes a time",
		"count: x":                         "s.yaml:1:8: count takes a number",
		"count: 1.5":                       "count takes a number",
		"share: much":                      "s.yaml:1:8: share takes a number",
		"share: nan":                       "s.yaml:1:8: share takes a number",
		"share: .nan":                      "share takes a number",
		"share: inf":                       "share takes a number",
		"share: -.Inf":                     "share takes a number",
		"share: 1e999":                     "share takes a number",
		"on: perhaps":                      "s.yaml:1:5: on is true or false",
		"modes: [a]":                       "s.yaml:1:8: modes takes names with values",
		"modes: {ldm: {idd: a}}":           `s.yaml:1:15: unknown key "idd"; modes ldm takes id`,
		"list: {id: a}":                    "list takes a list",
		"list: [a]":                        "s.yaml:1:8: an entry of list takes keys and values; write some of id",
		"model: [a]":                       "model takes plain text",
		"name: {a: b}":                     "name takes plain text",
		"extra: 1":                         `unknown key "extra"; a sample takes name, model`,
		"x: " + strings.Repeat("a", 1<<20): "larger than 1 MiB; is it a sample?",
	} {
		v, findings := Decode[sample]("s.yaml", "sample", []byte(text))
		if v != nil || len(findings) == 0 || !strings.Contains(findings[0].Error(), want) {
			t.Errorf("%.40q: %v, %v, want %s", text, v, findings, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "name: x", "modes: {a: {id: b}}", "list: [{id: a}]", "wait: 3s\ncount: 9999999999999999999", "- - -", "? a\n: b", "on: ~", "\"a\": b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		v, findings := Decode[sample]("s.yaml", "sample", content)
		if (v == nil) == (len(findings) == 0) {
			t.Fatalf("value %v, findings %v", v, findings)
		}
		for _, found := range findings {
			if s := found.Error(); strings.Contains(s, "\n") || !strings.HasPrefix(s, "s.yaml:") {
				t.Fatalf("not one line of our form: %q", s)
			}
		}
		if s := Locate("s.yaml", content, At(errors.New("wrong"), "list", 0, "id")).Error(); !strings.HasPrefix(s, "s.yaml:") || !strings.HasSuffix(s, ": wrong") {
			t.Fatalf("not located: %q", s)
		}
	})
}

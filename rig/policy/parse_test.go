package policy

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestParse: the files of a policy make the policy again, without those that
// they name.
func TestParse(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lab := write("lab.yaml", "schema: 1\nname: lab\nextends: dji-pilot2\nparties:\n  operator:\n    - {domain: fleet.lab.example}\n")
	overlay := write("overlay.yaml", "schema: 1\nextends: dji-pilot2\nparties:\n  operator:\n    - {domain: more.lab.example}\n")
	for _, names := range [][]string{{"dji-pilot2"}, {"transport"}, {lab}, {lab, overlay}, {"dji-pilot2", overlay}} {
		want, err := Load(names[0], names[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(want.Sources)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %v, another policy than %s", names, err, want.Name)
		}
	}
	for _, sources := range [][]Source{nil, {{File: "x.yaml", Content: []byte("schema: 1\nname: x\n")}}, {{File: "x.yaml", Content: []byte("names: x"), Main: true}}} {
		if p, err := Parse(sources); err == nil || p != nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, %v", sources, p, err)
		}
	}
}

package benchfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/fixtures"
)

// TestScriptFaults: what is wrong with a mode script is told with line and column.
func TestScriptFaults(t *testing.T) {
	shipped, err := fixtures.Modes.ReadFile("modes/dji-pilot2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct{ from, to, at, want string }{
		"key":      {"- {key: wakeup}", "- {key: wakeupp}", "wakeupp", `home, step 1: key "wakeupp": Android has none of that name`},
		"stimulus": {"- {key: back}", "- {key: bakc}", "bakc", "such as back"},
		"selector": {"when: {text: [Restart app to apply]}", "when: {checked: true}", "when: {checked", "dialog restart, when: a selector needs"},
		"mode":     {"- {mode: ldm, when", "- {mode: lmd, when", "lmd", "read, shows 1: mode"},
	} {
		text := strings.Replace(string(shipped), one.from, one.to, 1)
		before := text[:strings.Index(text, one.at)]
		line, column := 1+strings.Count(before, "\n"), len(before)-strings.LastIndex(before, "\n")
		path := filepath.Join(t.TempDir(), "mine.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadScript(path)
		if err == nil || !strings.HasPrefix(err.Error(), place("mine.yaml", line, column)) || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: %v, want %q at line %d, column %d", name, err, one.want, line, column)
		}
	}
}

func place(file string, line, column int) string {
	return fmt.Sprintf("%s:%d:%d: ", file, line, column)
}

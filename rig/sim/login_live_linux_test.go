//go:build live

package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/sim/simtest"
)

// TestLiveLogin gives the shipped stimulus login after the read-back of a mode,
// which leaves the app where the mode is shown. Name and password are nowhere in
// the recording, in no spelling.
func TestLiveLogin(t *testing.T) {
	const account, password = "pilot+31@example.com", `Zq7 %s"<&'$x\19`
	t.Setenv("SPANRIG_ACCOUNT_NAME", account)
	t.Setenv("SPANRIG_ACCOUNT_PASSWORD", password)
	cfg, _ := simtest.Configure(t, simtest.Up(t, "login", "none"))
	cfg.Policy, cfg.Begin = nil, ""
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	result, err := record.Run(ctx, cfg, []plan.Window{
		{Name: "standard/login", Mode: drivers.Standard, Stimulus: "login", Length: 4 * time.Second, Guard: time.Second, Every: 2 * time.Second}})
	if err != nil || len(result.Problems) > 0 || len(result.Skipped) > 0 {
		t.Fatalf("%v, problems %v, skipped %v", err, result.Problems, result.Skipped)
	}
	journal, err := os.ReadFile(filepath.Join(cfg.Dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`what $SPANRIG_ACCOUNT_PASSWORD holds`, `tap \"Log In\"`} {
		if !bytes.Contains(journal, []byte(want)) {
			t.Errorf("the journal lacks %s", want)
		}
	}
	var parts []string // they are typed in pieces, which may not be anywhere either
	for _, secret := range []string{account, password, "pilot+31", `"<&'$x\19`} {
		parts = append(parts, spellings(t, secret)...)
	}
	grep(t, cfg.Dir, parts)
}

// spellings of a text: as it is, in JSON, XML and Go, and as it is typed.
func spellings(t *testing.T, text string) []string {
	t.Helper()
	inJSON, err := json.Marshal(text)
	var inXML bytes.Buffer
	if err == nil {
		err = xml.EscapeText(&inXML, []byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	return []string{text, strings.Trim(string(inJSON), `"`), inXML.String(), strings.Trim(fmt.Sprintf("%q", text), `"`), strings.ReplaceAll(text, " ", "%s")}
}

// grep fails where a file below dir holds one of the texts.
func grep(t *testing.T, dir string, texts []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		for _, one := range texts {
			if bytes.Contains(content, []byte(one)) {
				t.Errorf("%s holds %q", entry.Name(), one)
			}
		}
		return err
	})
	if err != nil || files < 6 {
		t.Errorf("%d files were searched, %v", files, err)
	}
}

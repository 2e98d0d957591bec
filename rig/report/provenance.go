package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/evidence"
)

// provenance is what the page was made from, and how it can be checked.
type provenance struct {
	Bundle, Recording, RecordingSum string
	Policy, PolicySum, PolicyTitle  string
	Standing                        string
	PolicyFiles                     []policyFile
	Asked                           []remark
	Verify, Judge, Flows            string // commands; Judge is empty where none can say it all
	Zip, Placed                     bool   // the bundle is a zip; databases have a part in the verdicts
	Databases                       []fileRow
	Baseline                        *fileRow
	Files                           []fileRow
	FilesMore                       int
	Signatures                      []remark
	Custody                         []remark
	Obtained                        []remark
	Tool, Sealed                    string
}

type fileRow struct{ Name, Size, Sum string }

// mostFiles bounds the table of files.
const mostFiles = 100

func (b *builder) provenance() provenance {
	c, r, m := b.c, b.c.verdict, b.c.manifest
	p := provenance{Bundle: c.name, Recording: r.Recording.Name, RecordingSum: r.Recording.SHA256, Policy: r.Policy.Name, PolicySum: r.Policy.SHA256,
		PolicyTitle: c.policy.Title, Standing: b.judgedBy().Detail, PolicyFiles: policyFiles(b.grounds), Asked: b.asked(),
		Verify: command("spanrig evidence verify", local(c.name)), Judge: b.judge(), Zip: strings.HasSuffix(c.name, ".zip"), Placed: len(r.Databases) > 0, Tool: m.Tool, Obtained: obtained(c.rec.Inventory.Raw), Sealed: dated(m.Sealed)}
	for _, d := range r.Databases {
		p.Databases = append(p.Databases, fileRow{d.Name, d.Built, d.SHA256})
	}
	if r.Baseline != nil {
		p.Baseline = &fileRow{r.Baseline.Name, "", r.Baseline.SHA256}
	}
	for _, f := range m.Files[:min(len(m.Files), mostFiles)] {
		p.Files = append(p.Files, fileRow{f.Name, Size(uint64(max(f.Bytes, 0))), f.SHA256})
	}
	p.FilesMore = len(m.Files) - len(p.Files)
	if len(c.rec.Files) > 0 {
		capture := strings.TrimSuffix(m.Recording.Path, c.rec.Files[0])
		p.Flows = command("spanrig flows", strings.TrimSuffix(capture, "/")+"/"+c.rec.Files[0])
	}
	for _, s := range c.signed {
		p.Signatures = append(p.Signatures, signatureWords(&s))
	}
	for _, e := range c.custody {
		p.Custody = append(p.Custody, custodyWords(&e))
	}
	return p
}

func signatureWords(s *evidence.Signature) remark {
	words := "added later; valid for this bundle" // evidence.Open refuses others
	if s.Sealer {
		words = "by who sealed the bundle; valid for this bundle"
	}
	return remark{Name: s.KeyID, Text: words}
}

func custodyWords(e *evidence.Custody) remark {
	when := dated(e.Time)
	if e.Until != "" {
		when += " to " + dated(e.Until)
	}
	who := cmp.Or(e.By, e.Tool, "not said")
	if e.Role != "" {
		who += ", " + e.Role
	}
	what := e.Action
	if e.By != "" && e.Tool != "" {
		what += " with " + e.Tool
	}
	if e.Note != "" {
		what += ": " + e.Note
	}
	return remark{Name: when, Text: who, Detail: what}
}

// dated words a time of RFC 3339; what is none stays as it is.
func dated(text string) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return t.UTC().Format("2 January 2006, 15:04:05 UTC")
}

// obtained says where each fact of the inventory is from.
func obtained(raw []byte) []remark {
	var keys struct {
		Obtained map[string]string `json:"obtained"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &keys) != nil {
		return nil
	}
	list := make([]remark, 0, len(keys.Obtained))
	for k, v := range keys.Obtained {
		list = append(list, remark{Name: k, Text: v})
	}
	slices.SortFunc(list, func(a, b remark) int { return strings.Compare(a.Name, b.Name) })
	return list
}

package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"slices"

	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/strict"
)

// Finding is one fault of a policy file. As an error it is one line,
// FILE:LINE:COLUMN: what.
type Finding = strict.Finding

// Builtin lists the names of the policies that the program carries.
func Builtin() []string { return strict.Builtin(fixtures.Policies, "policies") }

// Load reads the policy of a built-in name or a file, the policy that it
// extends, and then the overlays in their order. The error is a Finding: the
// first of what Lint would list.
func Load(name string, overlays ...string) (*Policy, error) {
	p, findings := newBuilder().load(name, overlays)
	if len(findings) > 0 {
		return nil, findings[0]
	}
	return p, nil
}

// Lint returns every fault of a policy file or built-in policy, and of what it
// extends, in the order in which the files are read, by line. What a file says
// is only looked at once all its keys are known. A file without claims that has
// endpoints or waivers is taken for an overlay.
func Lint(name string) []Finding {
	b := newBuilder()
	b.alone = true
	_, findings := b.load(name, nil)
	return findings
}

func (b *builder) load(name string, overlays []string) (*Policy, []Finding) {
	whole := b.read(name, true, nil)
	for _, o := range overlays {
		whole = b.read(o, false, nil) && whole
	}
	if whole { // else what is missing may stand in the part that was not read
		b.finish()
	}
	slices.SortStableFunc(b.findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(b.order[x.File], b.order[y.File]), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	return b.policy, b.findings
}

// read adds a file to the policy, what it extends first, and reports whether
// all of it could be read. main is the file that names the policy; from is
// where another file names this one. A file that was added is not added again:
// several overlays may extend the same policy.
func (b *builder) read(name string, main bool, from *mention) bool {
	content, file, err := strict.Source(fixtures.Policies, "policies", "policy", name)
	sum := sha256.Sum256(content)
	switch state := b.files[sum]; {
	case err == nil && state == added:
		return true
	case err == nil && state == reading:
		err = errors.New("the files extend each other in a circle; break it")
	}
	if err != nil {
		b.findings = append(b.findings, from.finding(file, err))
		return false
	}
	b.files[sum] = reading
	b.order[file] = len(b.order) + 1
	f, findings := decode(file, content)
	if len(findings) > 0 {
		b.findings = append(b.findings, findings...)
		return false
	}
	whole := true
	if base := f.Extends.Value; base != "" {
		if !builtin(base) && !filepath.IsAbs(base) {
			base = filepath.Join(filepath.Dir(name), base)
		}
		whole = b.read(base, false, &mention{file, f.Extends})
	}
	b.take(Source{file, content, main}, f)
	return whole
}

// take adds a file whose keys are known.
func (b *builder) take(s Source, f *policyFile) {
	sum := sha256.Sum256(s.Content)
	b.add(s.File, f, s.Main)
	b.files[sum] = added
	b.digest(sum)
	b.policy.Sources = append(b.policy.Sources, s)
}

// Parse makes a policy of the files that Load made one of, Policy.Sources, in
// that order. What they extend is among them: nothing else is read. The error
// is a Finding.
func Parse(sources []Source) (*Policy, error) {
	b := newBuilder()
	for i, s := range sources {
		b.order[s.File] = i + 1
		f, findings := decode(s.File, s.Content)
		if len(findings) > 0 {
			return nil, findings[0]
		}
		b.take(s, f)
	}
	b.finish()
	if len(b.findings) > 0 {
		return nil, b.findings[0]
	}
	return b.policy, nil
}

// States of a file of a policy.
const (
	reading = 1 + iota
	added
)

// mention is where a file names another.
type mention struct {
	file string
	at   strict.Text
}

func (m *mention) finding(file string, err error) Finding {
	if m == nil {
		return Finding{File: file, What: err.Error()}
	}
	return m.at.Finding(m.file, "extends %s: %v", m.at.Value, err)
}

// digest makes the policy's digest that of its one file, or that of the
// digests of all of them, in the order in which they were read.
func (b *builder) digest(sum [sha256.Size]byte) {
	b.sums = append(b.sums, sum[:]...)
	if len(b.sums) > len(sum) {
		sum = sha256.Sum256(b.sums)
	}
	b.policy.SHA256 = hex.EncodeToString(sum[:])
}

func builtin(name string) bool { return slices.Contains(Builtin(), name) }

package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spanrig/spanrig/fixtures"
)

// Finding is one fault of a policy file. As an error it is one line,
// FILE:LINE:COLUMN: what.
type Finding struct {
	File         string // base name
	Line, Column int    // 1-based; 0 where the whole file is meant
	What         string
}

func (f Finding) Error() string {
	what := strings.Join(strings.Fields(f.What), " ")
	switch {
	case f.Line == 0:
		return f.File + ": " + what
	default:
		return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, what)
	}
}

// maxExtends bounds a chain of files that extend each other.
const maxExtends = 8

// Builtin lists the names of the policies that the program carries.
func Builtin() []string {
	entries, err := fixtures.Policies.ReadDir("policies")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Load reads the policy of a built-in name or a file, the policy that it
// extends, and then the overlays in their order. The error is a Finding where
// a file does not say what a policy says.
func Load(name string, overlays ...string) (*Policy, error) {
	p, findings, err := load(name, overlays)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, findings[0]
	}
	return p, nil
}

// Lint returns every fault of a policy file or built-in policy, in the order
// of the file.
func Lint(name string) []Finding {
	_, findings, err := load(name, nil)
	var f Finding
	switch {
	case errors.As(err, &f):
		return []Finding{f}
	case err != nil:
		return []Finding{{File: filepath.Base(name), What: err.Error()}}
	}
	return findings
}

func load(name string, overlays []string) (*Policy, []Finding, error) {
	b := newBuilder()
	if err := b.read(name, 0); err != nil {
		return nil, nil, err
	}
	for _, o := range overlays {
		if err := b.read(o, 1); err != nil {
			return nil, nil, err
		}
	}
	b.finish()
	return b.policy, b.findings, nil
}

// read adds a file to the policy, what it extends first.
func (b *builder) read(name string, depth int) error {
	if depth > maxExtends {
		return Finding{File: filepath.Base(name), What: "policies extend each other without end; break the circle"}
	}
	content, file, err := source(name)
	if err != nil {
		return err
	}
	f, err := decode(file, content)
	if err != nil {
		return err
	}
	if base := f.Extends.value; base != "" {
		if !builtin(base) && !filepath.IsAbs(base) {
			base = filepath.Join(filepath.Dir(name), base)
		}
		if err := b.read(base, depth+1); err != nil {
			return err
		}
	}
	b.add(file, f, depth)
	b.digest(content)
	return nil
}

// digest makes the policy's digest that of its one file, or that of the
// digests of all of them, in the order in which they were read.
func (b *builder) digest(content []byte) {
	sum := sha256.Sum256(content)
	b.sums = append(b.sums, sum[:]...)
	if len(b.sums) > len(sum) {
		sum = sha256.Sum256(b.sums)
	}
	b.policy.SHA256 = hex.EncodeToString(sum[:])
}

func builtin(name string) bool {
	_, err := fixtures.Policies.Open("policies/" + name + ".yaml")
	return err == nil && !strings.ContainsAny(name, `/\`)
}

// source returns the bytes of a built-in policy or a file, and its base name.
func source(name string) ([]byte, string, error) {
	if builtin(name) {
		content, err := fixtures.Policies.ReadFile("policies/" + name + ".yaml")
		return content, name + ".yaml", err
	}
	stat, err := os.Stat(name)
	if errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(name, `/\.`) {
		return nil, "", fmt.Errorf("no policy %q; built-in are %s, or give a file", name, strings.Join(Builtin(), ", "))
	} else if err != nil {
		return nil, "", err
	}
	if !stat.Mode().IsRegular() {
		return nil, "", fmt.Errorf("%s is no regular file", filepath.Base(name))
	}
	if stat.Size() > maxPolicyBytes {
		return nil, "", Finding{File: filepath.Base(name), What: "larger than 4 MiB; is it a policy?"}
	}
	content, err := os.ReadFile(name)
	return content, filepath.Base(name), err
}

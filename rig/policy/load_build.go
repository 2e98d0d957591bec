package policy

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/strict"
)

// builder makes a Policy from files and notes what is wrong with them.
type builder struct {
	policy   *Policy
	file     string // that is being added
	findings []Finding
	order    map[string]int            // of files, as they were read
	files    map[[sha256.Size]byte]int // their states, by digest
	sums     []byte                    // digests of those that were added
	seen     map[string]mention        // what must not stand twice
	named    []mention                 // service ids that entries name
	alone    bool                      // an overlay need not make sense without its policy
}

func newBuilder() *builder {
	return &builder{policy: &Policy{}, order: map[string]int{}, files: map[[sha256.Size]byte]int{}, seen: map[string]mention{}}
}

func (b *builder) fault(at strict.Text, format string, args ...any) {
	b.findings = append(b.findings, at.Finding(b.file, format, args...))
}

// once notes a value that must not stand twice, and reports whether it is the
// first. at is where it stands, in whatever spelling.
func (b *builder) once(what, value string, at strict.Text) bool {
	key := what + " " + value
	if old, twice := b.seen[key]; twice {
		b.fault(at, "%s %q stands twice, first in %s, line %d; leave one out", what, value, old.file, old.at.Line)
		return false
	}
	b.seen[key] = mention{b.file, at}
	return true
}

// need reports a value that is missing; near is something of the same entry
// that has a place.
func (b *builder) need(key string, value, near strict.Text) bool {
	if value.Value == "" {
		b.fault(near, "%s is missing; add %s:", key, key)
		return false
	}
	return true
}

// add takes what a file says; main is the one that names the policy.
func (b *builder) add(file string, f *policyFile, main bool) {
	b.file = file
	p := b.policy
	if f.Schema != 1 {
		b.fault(strict.Text{}, "schema %d is not known; this program reads schema: 1", f.Schema)
	}
	if main || p.Name == "" {
		b.need("name", f.Name, strict.Text{})
		p.Name, p.Title = f.Name.Value, f.Title.Value
	}
	b.addClaims(f)
	for _, s := range f.Services {
		if b.need("id", s.ID, s.Title) && b.once("service", s.ID.Value, s.ID) {
			b.sure(s.Sure, s.ID)
			p.Services = append(p.Services, Service{s.ID.Value, s.Title.Value, s.Source.Value, s.Sure.Value})
		}
	}
	for _, list := range []struct {
		party   party.Party
		entries []entryFile
	}{
		{party.First, f.Parties.First}, {party.Provider, f.Parties.Provider}, {party.Operator, f.Parties.Operator},
		{party.System, f.Parties.System}, {party.Third, f.Parties.Third},
	} {
		for i := range list.entries {
			p.Parties = b.addEntry(p.Parties, "entry", list.party, &list.entries[i])
		}
	}
	for i := range f.Resolvers {
		p.Resolvers = b.addEntry(p.Resolvers, "resolver", party.Third, &f.Resolvers[i])
	}
	b.addExceptions(f)
	b.addGeo(f)
	b.addSecrets(f)
	b.addWaivers(f)
}

func (b *builder) addClaims(f *policyFile) {
	for _, c := range f.Claims {
		if !b.need("id", c.ID, c.Title) || !b.once("claim", c.ID.Value, c.ID) {
			continue
		}
		if !claimKnown(c.ID.Value) {
			b.fault(c.ID, "claim %q is not known; known are %s", c.ID.Value, strings.Join(knownClaims(), ", "))
			continue
		}
		b.need("title", c.Title, c.ID)
		b.policy.Claims = append(b.policy.Claims, Claim{c.ID.Value, c.Title.Value, c.Quote.Value, c.Source.Value})
	}
}

func claimKnown(id string) bool { return slices.Contains(knownClaims(), id) }

var sureWords = []string{"high", "medium", "low"}

func (b *builder) sure(at, near strict.Text) {
	if b.need("sure", at, near) && !slices.Contains(sureWords, at.Value) {
		b.fault(at, "sure: %q; say high, medium or low", at.Value)
	}
}

// finish checks what only all files together can tell.
func (b *builder) finish() {
	if p := b.policy; b.alone && len(p.Claims) == 0 && len(p.Parties)+len(p.Waivers) > 0 {
		return
	}
	for _, s := range b.named {
		if !b.policy.hasService(s.at.Value) {
			b.file = s.file
			b.fault(s.at, "service %q is not in services; add it there or mend the name", s.at.Value)
		}
	}
	if len(b.policy.Claims) == 0 && len(b.findings) == 0 {
		b.fault(strict.Text{}, "no claims, so nothing would be judged; add claims: or extends: with the policy to add to")
	}
}

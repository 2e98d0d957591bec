package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
)

// Explanation says why a name or an address has its party.
type Explanation struct {
	Subject  string
	Party    party.Party
	Entry    *party.Entry  // that decided; nil where none matches
	Beaten   []party.Entry // that match too, in the order of the policy
	Resolver *party.Entry  // of the known encrypted resolvers, where the subject is one
	Note     string
}

// Explain says what the policy's lists make of a name or an address. What a
// flow shows of itself (several names, a LAN that the bench names) may change it.
// What is neither a name nor an address has no party, and a note that says so.
func (p *Policy) Explain(subject string) Explanation {
	x := Explanation{Subject: subject}
	find, isAddr := lookup(subject)
	if find == nil {
		x.Note = "neither a name nor an address; write one such as www.example.com or 203.0.113.7"
		return x
	}
	x.Entry, x.Beaten = deciding(p.Parties, find)
	x.Resolver, _ = deciding(p.Resolvers, find)
	listed := party.Party("")
	if x.Entry != nil {
		listed = x.Entry.Party
	}
	switch before := []party.Party{party.First, party.Provider, party.Operator}; {
	case slices.Contains(before, listed):
		x.Party = listed
	case isAddr.IsValid() && isLocal(isAddr):
		x.Party, x.Note = party.LAN, "a local address, unless the bench or DHCP says otherwise; LAN comes before system and third"
	case x.Entry != nil:
		x.Party = listed
	case isAddr.IsValid():
		x.Party, x.Note = party.Unknown, "no prefix of the policy holds it; a flow to it takes its party from its names, and is unknown without"
	default:
		x.Party, x.Note = party.Third, "a name that no entry of the policy covers; "+registrableText(subject)
	}
	return x
}

func registrableText(name string) string {
	if d := party.Registrable(name); d != "" {
		return "its registrable domain is " + d
	}
	return "it has no registrable domain"
}

// lookup returns how to find the subject in a book, nil where it is neither a
// name nor an address.
func lookup(subject string) (func(*party.Book) (party.Entry, bool), netip.Addr) {
	if addr, err := netip.ParseAddr(strings.Trim(subject, "[]")); err == nil {
		addr = addr.Unmap().WithZone("")
		return func(b *party.Book) (party.Entry, bool) { return b.ByAddr(addr) }, addr
	}
	name, err := party.CleanDomain(subject)
	if err != nil {
		return nil, netip.Addr{}
	}
	return func(b *party.Book) (party.Entry, bool) { return b.ByName(name) }, netip.Addr{}
}

// deciding returns the entry of a list that decides, and the others that match.
func deciding(list []party.Entry, find func(*party.Book) (party.Entry, bool)) (decides *party.Entry, beaten []party.Entry) {
	book, err := party.NewBook(list)
	if err != nil {
		return nil, nil // Load does not let such a list through
	}
	winner, found := find(book)
	if !found {
		return nil, nil
	}
	for i := range list {
		alone, err := party.NewBook(list[i : i+1])
		if err != nil {
			continue
		}
		if e, matches := find(alone); matches && (e.Domain != winner.Domain || e.Prefix != winner.Prefix) {
			beaten = append(beaten, e)
		}
	}
	return &winner, beaten
}

// String is what spanrig policy explain prints.
func (x Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", x.Subject, x.Party)
	if x.Note != "" {
		fmt.Fprintf(&b, "\n  %s", x.Note)
	}
	if e := x.Entry; e != nil {
		fmt.Fprintf(&b, "\n  by %s", entryText(e))
		for _, part := range [...][2]string{{"owner", e.Owner}, {"services", strings.Join(e.Services, ", ")}, {"source", e.Source}, {"sure", e.Sure}} {
			if part[1] != "" {
				fmt.Fprintf(&b, "\n  %s: %s", part[0], part[1])
			}
		}
	}
	for i := range x.Beaten {
		e := &x.Beaten[i]
		why := "which is less specific"
		if e.Party != x.Entry.Party {
			why = fmt.Sprintf("for %s comes before %s", x.Entry.Party, e.Party)
		}
		fmt.Fprintf(&b, "\n  beats %s (%s), %s", entryText(e), e.Party, why)
	}
	if x.Resolver != nil {
		fmt.Fprintf(&b, "\n  a known encrypted resolver by %s", entryText(x.Resolver))
	}
	return b.String()
}

// entryText words an entry and where it stands.
func entryText(e *party.Entry) string {
	what := "domain " + e.Domain + " and all below it"
	if e.Prefix.IsValid() {
		what = "prefix " + e.Prefix.String()
	} else if host, alone := strings.CutPrefix(e.Domain, "="); alone {
		what = "host " + host + " alone"
	}
	if e.File == "" {
		return what
	}
	return fmt.Sprintf("%s, %s line %d", what, e.File, e.Line)
}

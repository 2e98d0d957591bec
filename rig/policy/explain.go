package policy

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
)

// Explanation says why a name or an address has its party.
type Explanation struct {
	Subject string
	Party   party.Party
	Entry   *party.Entry // that decided; nil where none matches
	Note    string
}

// Explain says what the policy's lists make of a name or an address. What a
// flow shows of itself (LAN, several names) may change it.
func (p *Policy) Explain(subject string) Explanation {
	x := Explanation{Subject: subject}
	book, err := party.NewBook(p.Parties)
	if err != nil {
		x.Party, x.Note = party.Unknown, err.Error()
		return x
	}
	addr, addrErr := netip.ParseAddr(strings.Trim(subject, "[]"))
	var e party.Entry
	var found bool
	if addrErr == nil {
		e, found = book.ByAddr(addr)
		x.Party, x.Note = party.Unknown, "no prefix of the policy holds it; a flow to it takes its party from its names, and is unknown without"
	} else {
		e, found = book.ByName(strings.ToLower(strings.TrimSuffix(subject, ".")))
		x.Party, x.Note = party.Third, "no entry of the policy matches; its registrable domain is "+orNone(party.Registrable(subject))
	}
	if found {
		x.Party, x.Entry, x.Note = e.Party, &e, ""
	}
	return x
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// String is what spanrig policy explain prints.
func (x Explanation) String() string {
	if x.Entry == nil {
		return fmt.Sprintf("%s: %s\n  %s", x.Subject, x.Party, x.Note)
	}
	e := x.Entry
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", x.Subject, x.Party)
	switch {
	case e.Prefix.IsValid():
		fmt.Fprintf(&b, "  by prefix %s", e.Prefix)
	case strings.HasPrefix(e.Domain, "="):
		fmt.Fprintf(&b, "  by host %s alone", e.Domain[1:])
	default:
		fmt.Fprintf(&b, "  by domain %s and all below it", e.Domain)
	}
	fmt.Fprintf(&b, ", line %d", e.Line)
	for _, part := range [...][2]string{{"owner", e.Owner}, {"services", strings.Join(e.Services, ", ")}, {"source", e.Source}, {"sure", e.Sure}} {
		if part[1] != "" {
			fmt.Fprintf(&b, "\n  %s: %s", part[0], part[1])
		}
	}
	return b.String()
}

package world

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/locate"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
)

func shipped(t *testing.T) (*policy.Policy, *party.Book) {
	t.Helper()
	p, err := policy.Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	book, err := party.NewBook(p.Parties)
	if err != nil {
		t.Fatal(err)
	}
	return p, book
}

// TestPolicy holds the table against the shipped policy, both ways.
func TestPolicy(t *testing.T) {
	p, book := shipped(t)
	list := Endpoints()
	for _, entry := range p.Parties {
		name, exact := strings.CutPrefix(entry.Domain, "=")
		names := []string{name}
		if e, ok := Lookup(list, name); ok && e.Wild && !exact {
			names = append(names, "www."+name)
		}
		for _, name := range names {
			e, ok := Lookup(list, name)
			if !ok || e.Party != entry.Party {
				t.Errorf("%s is %s by the policy, here %+v", name, entry.Party, e)
			}
		}
	}
	for _, e := range list {
		entry, known := book.ByName(e.Name)
		want := party.Unknown
		switch {
		case known:
			want = entry.Party
		case e.Name == Control:
			want = party.Control
		}
		if e.Party != want || e.Switch != strings.Join(entry.Services, " ") {
			t.Errorf("%s: %s %q; by the policy %s %v", e.Name, e.Party, e.Switch, want, entry.Services)
		}
	}
}

// TestPlaces holds the table against the test databases: they know every
// address, agree, and put the first party where the shipped policy wants it,
// but for the names that are made to be elsewhere.
func TestPlaces(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "fixtures", "geo")
	in := func(name string) string { return filepath.Join(dir, name) }
	set, err := locate.Open(locate.Config{Geo: []string{in("country.mmdb"), in("country-second.mmdb")}, ASN: []string{in("asn.mmdb")}})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := shipped(t)
	outside := map[string][2]bool{ // allowed country, allowed operator
		Abroad: {false, true}, "es-flight-api-eu.djigate.com": {false, true}, Foreign: {true, false}, "es-flight-api-cn.djigate.com": {false, false},
	}
	for _, e := range Endpoints() {
		for _, a := range []netip.Addr{e.Addr4, e.Addr6} {
			if !a.IsValid() {
				continue
			}
			l := set.Locate(a)
			if l.Country != e.Country || l.Strength != locate.Strong || l.ASN != e.ASN || l.Operator != e.Operator || l.Anycast {
				t.Errorf("%s %s: the table says %s AS%d %s, the databases %+v", e.Name, a, e.Country, e.ASN, e.Operator, l)
			}
		}
		if e.Party != party.First {
			continue
		}
		want, there := outside[e.Name]
		if !there {
			want = [2]bool{true, true}
		}
		if got := [2]bool{slices.Contains(p.Countries, e.Country), slices.Contains(p.ASNs, e.ASN)}; got != want {
			t.Errorf("%s in %s, AS%d: allowed %v, want %v", e.Name, e.Country, e.ASN, got, want)
		}
	}
}

// TestAddresses shows that an address leads to one name, but for aliases.
func TestAddresses(t *testing.T) {
	list := Endpoints()
	owner := map[netip.Addr]string{}
	for i := range list {
		e := &list[i]
		name := e.Name
		if e.Alias != "" {
			target, ok := Lookup(list, e.Alias)
			if !ok || target.Addr4 != e.Addr4 || target.Addr6 != e.Addr6 {
				t.Errorf("%s is an alias of %s: %+v", e.Name, e.Alias, target)
			}
			name = e.Alias
		}
		for _, a := range []netip.Addr{e.Addr4, e.Addr6} {
			if old, there := owner[a]; a.IsValid() && there && old != name {
				t.Errorf("%s is both %s and %s", a, old, name)
			}
			owner[a] = name
		}
		if len(e.Services) == 0 || !e.Addr6.IsValid() || e.Addr4.IsValid() == (e.Name == OnlyIPv6) {
			t.Errorf("%s lacks something: %+v", e.Name, e)
		}
	}
}

func TestLookup(t *testing.T) {
	list := Endpoints()
	for name, want := range map[string]string{
		"flysafe-api.dji.com": "flysafe-api.dji.com", "FlySafe-API.DJI.com.": "flysafe-api.dji.com", "anything.dji.com": "dji.com",
		"a.b.djigate.com": "djigate.com", "bugly.qq.com": "bugly.qq.com", "x.bugly.qq.com": "bugly.qq.com", "im.qq.com": "qq.com",
		"c0001.control.test": Control, "sub." + Abroad: "djigate.com",
		"notdji.com": "", "com": "", "": "", ".": "", "www.dns.google": "", "mail.google.com": "", "example": "", "clients.google.com": "",
	} {
		e, ok := Lookup(list, name)
		if ok != (want != "") || ok && e.Name != want {
			t.Errorf("Lookup(%q) = %v, %v; want %q", name, e, ok, want)
		}
	}
	for _, service := range []string{"maps", "flysafe", "account", "registration", "improvement", "support", "firmware", "cloud"} {
		if len(For(list, party.First, service)) == 0 {
			t.Errorf("no first-party endpoint for %s", service)
		}
	}
	for _, service := range []string{"maps", "improvement", "livestream"} {
		if len(For(list, party.Provider, service)) == 0 {
			t.Errorf("no provider for %s", service)
		}
	}
}

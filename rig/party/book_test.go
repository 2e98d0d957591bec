package party

import (
	"net/netip"
	"strings"
	"testing"
)

func entry(p Party, what string) Entry {
	if prefix, err := netip.ParsePrefix(what); err == nil {
		return Entry{Party: p, Prefix: prefix}
	}
	return Entry{Party: p, Domain: what}
}

func book(t testing.TB, entries ...Entry) *Book {
	t.Helper()
	b, err := NewBook(entries)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// example has an entry of each kind.
func example(t testing.TB) *Book {
	return book(t,
		entry(First, "maker.example"), entry(System, "time.maker.example"),
		entry(Third, "cdn.example"), entry(Provider, "=maker.cdn.example"), entry(System, "probe.cdn.example"),
		entry(First, "198.51.100.0/24"), entry(System, "198.51.100.7/32"), entry(Third, "::ffff:203.0.113.0/120"), entry(Provider, "203.0.113.128/25"),
		entry(First, "2001:db8::/32"),
	)
}

func TestByName(t *testing.T) {
	b := example(t)
	for name, want := range map[string]Party{
		"maker.example":       First,
		"a.b.maker.example":   First,
		"A.Maker.Example.":    First,
		"time.maker.example":  First, // the first party beats the system's list
		"notmaker.example":    "",    // labels are whole
		"maker.example.org":   "",
		"example":             "",
		"cdn.example":         Third,
		"x.cdn.example":       Third,
		"probe.cdn.example":   System, // comes before third
		"maker.cdn.example":   Provider,
		"x.maker.cdn.example": Third, // a host stands for itself alone
		"=maker.cdn.example":  Third, // an odd label is no host entry
		"":                    "",
		".":                   "",
		"..maker.example":     First,
	} {
		if e, ok := b.ByName(name); e.Party != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", name, e.Party, ok, want)
		}
	}
}

func TestByNameMostSpecific(t *testing.T) {
	b := book(t, entry(First, "maker.example"), entry(First, "maps.maker.example"), entry(First, "=maps.maker.example"))
	for name, want := range map[string]string{
		"x.maker.example": "maker.example", "x.maps.maker.example": "maps.maker.example", "maps.maker.example": "=maps.maker.example",
	} {
		if e, _ := b.ByName(name); e.Domain != want {
			t.Errorf("%s by %s, want %s", name, e.Domain, want)
		}
	}
}

func TestByAddr(t *testing.T) {
	b := example(t)
	for addr, want := range map[string]Party{
		"198.51.100.1":        First,
		"198.51.100.7":        First, // beats the system's list
		"::ffff:198.51.100.1": First,
		"203.0.113.1":         Third, // its prefix was written in IPv6 form
		"203.0.113.129":       Provider,
		"192.0.2.1":           "",
		"2001:db8::1":         First,
		"2001:db8::1%eth0":    First,
		"2001:db9::1":         "",
	} {
		if e, ok := b.ByAddr(netip.MustParseAddr(addr)); e.Party != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", addr, e.Party, ok, want)
		}
	}
	if _, ok := b.ByAddr(netip.Addr{}); ok {
		t.Error("no address has a party")
	}
}

func TestNewBookErrors(t *testing.T) {
	for _, c := range []struct {
		entries []Entry
		want    string
	}{
		{[]Entry{{Party: First, Domain: "a.example", Line: 3}, {Party: Third, Domain: "a.example", Line: 5}}, "a.example is both first (line 3) and third (line 5)"},
		{[]Entry{entry(First, "=a.example"), entry(System, "=a.example")}, "a.example is both first"},
		{[]Entry{entry(First, "192.0.2.0/24"), entry(Third, "192.0.2.9/24")}, "192.0.2.0/24 is both first"},
		{[]Entry{{Party: First, Line: 7}}, "line 7: give either"},
		{[]Entry{{Party: First, Domain: "a.example", Prefix: netip.MustParsePrefix("192.0.2.0/24")}}, "give either"},
	} {
		if _, err := NewBook(c.entries); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	book(t, entry(First, "a.example"), entry(Third, "=a.example")) // a host may differ from its domain
}

func TestRegistrable(t *testing.T) {
	for name, want := range map[string]string{
		"a.b.maker.example": "maker.example", "A.Maker.CO.UK.": "maker.co.uk", "x.bucket.s3.amazonaws.com": "bucket.s3.amazonaws.com",
		"com": "", "": "",
	} {
		if got := Registrable(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestCleanDomain(t *testing.T) {
	for in, want := range map[string]string{
		"Maker.Example.": "maker.example", " maker.example ": "maker.example", "bücher.example": "xn--bcher-kva.example",
		"": "", "*.maker.example": "", "192.0.2.1": "", "a..example": "", ".example": "", "a b.example": "", "a.example..": "", "0\xc30": "", strings.Repeat("a.", 127) + "example": "",
	} {
		if got, err := CleanDomain(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
}

// FuzzByName holds ByName against a walk over all entries.
func FuzzByName(f *testing.F) {
	for _, name := range []string{"a.maker.example", "notmaker.example", "=maker.cdn.example", "..", "x.cdn.example."} {
		f.Add(name)
	}
	entries := []Entry{entry(First, "maker.example"), entry(Third, "cdn.example"), entry(System, "probe.cdn.example"), entry(Provider, "=maker.cdn.example")}
	b := book(f, entries...)
	f.Fuzz(func(t *testing.T, name string) {
		got, _ := b.ByName(name)
		lower := strings.ToLower(strings.TrimSuffix(name, "."))
		var want Entry
		for _, e := range entries {
			host, exact := strings.CutPrefix(e.Domain, "=")
			matches := lower == host || !exact && strings.HasSuffix(lower, "."+host)
			if matches && (want.Party == "" || order[e.Party] < order[want.Party]) {
				want = e
			}
		}
		if got.Domain != want.Domain {
			t.Fatalf("%q by %q, want %q", name, got.Domain, want.Domain)
		}
	})
}

// FuzzCleanDomain holds that a clean domain stays as it is, and finds itself.
func FuzzCleanDomain(f *testing.F) {
	for _, s := range []string{"Maker.Example.", "bücher.example", "*.x", "xn--a", "a..b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, err := CleanDomain(s)
		if (err == nil) != (clean != "") {
			t.Fatalf("%q: value %q, error %v", s, clean, err)
		}
		if err != nil {
			return
		}
		if again, err := CleanDomain(clean); again != clean || err != nil {
			t.Fatalf("%q becomes %q, then %q (%v)", s, clean, again, err)
		}
		if _, ok := book(t, entry(First, clean)).ByName("a." + clean); !ok {
			t.Fatalf("%q does not find what is below it", clean)
		}
	})
}

func BenchmarkByName(b *testing.B) {
	k := example(b)
	for b.Loop() {
		k.ByName("some.long.name.of.maker.example")
	}
}

func BenchmarkByAddr(b *testing.B) {
	k := example(b)
	addr := netip.MustParseAddr("198.51.100.7")
	for b.Loop() {
		k.ByAddr(addr)
	}
}

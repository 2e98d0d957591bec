package locate

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// file writes content to a file of that name and returns its path.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, c Config) *Set {
	t.Helper()
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fixture is the path of a test database of the repository.
func fixture(name string) string { return filepath.Join("..", "..", "fixtures", "geo", name) }

func TestLocate(t *testing.T) {
	one := open(t, Config{Geo: []string{fixture("country.mmdb")}})
	two := open(t, Config{
		Geo: []string{fixture("country.mmdb"), fixture("country-second.mmdb")},
		ASN: []string{fixture("asn.mmdb")},
	})
	all := open(t, Config{
		Geo:    []string{fixture("country.mmdb"), fixture("country-second.mmdb")},
		ASN:    []string{fixture("asn.mmdb")},
		Ranges: []string{fixture("geofeed.csv")},
	})
	for _, c := range []struct {
		name, addr string
		set        *Set
		country    string
		strength   Strength
		sources    int
		operator   string
		anycast    bool
	}{
		{"one database", "192.0.2.1", one, "US", Weak, 1, "", false},
		{"two that agree", "192.0.2.1", two, "US", Strong, 2, "Example Cloud US", false},
		{"two that contradict", "198.51.100.193", two, "", Contradicting, 2, "Example Cloud US", false},
		{"two, one of which knows", "198.51.100.241", two, "US", Weak, 1, "Example CDN CN", false},
		{"one and a geofeed", "198.51.100.241", all, "US", Strong, 2, "Example CDN CN", false},
		{"anycast", "198.51.100.225", two, "US", Strong, 2, "Example Anycast US", true},
		{"abroad", "203.0.113.129", two, "CN", Strong, 2, "Example CDN CN", false},
		{"IPv6", "2001:db8:4000::1", two, "CN", Strong, 2, "Example CDN CN", false},
		{"IPv6 with a zone", "2001:db8::1%eth0", two, "US", Strong, 2, "Example Cloud US", false},
		{"IPv4 in IPv6 form", "::ffff:203.0.113.193", two, "DE", Strong, 2, "Example Hosting DE", false},
		{"known to none", "10.0.0.1", all, "", None, 0, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.set.Locate(netip.MustParseAddr(c.addr))
			if l.Country != c.country || l.Strength != c.strength || len(l.Countries) != c.sources || l.Operator != c.operator || l.Anycast != c.anycast {
				t.Errorf("got %+v", l)
			}
			if (l.ASN != 0) != (c.operator != "") {
				t.Errorf("AS %d of %q", l.ASN, l.Operator)
			}
		})
	}
	if l := all.Locate(netip.Addr{}); l.Strength != None {
		t.Errorf("no address: %+v", l)
	}
	if !one.HasCountries() || one.HasOperators() || !two.HasOperators() {
		t.Error("HasCountries or HasOperators is wrong")
	}
}

func TestFiles(t *testing.T) {
	s := open(t, Config{Geo: []string{fixture("country.mmdb")}, ASN: []string{fixture("asn.mmdb")}, Ranges: []string{file(t, "aws.json", amazon)}})
	files := s.Files()
	var names, built []string
	for _, f := range files {
		names, built = append(names, f.Name), append(built, f.Built)
		if len(f.SHA256) != 64 {
			t.Errorf("%s: digest %q", f.Name, f.SHA256)
		}
	}
	if got := strings.Join(names, " "); got != "country.mmdb asn.mmdb aws.json" {
		t.Errorf("files %s", got)
	}
	if got := strings.Join(built, " "); got != "2026-11-01T00:00:00Z 2026-11-01T00:00:00Z 2026-11-20T10:00:00Z" {
		t.Errorf("built %s", got)
	}
}

func TestStrength(t *testing.T) {
	db := func(name, c string) Country { return Country{name, Database, c} }
	feed := func(c string) Country { return Country{"feed", Range, c} }
	for _, c := range []struct {
		list            []Country
		country, strong string
		want            Strength
	}{
		{nil, "", "", None},
		{[]Country{db("a", "US")}, "US", "", Weak},
		{[]Country{feed("US")}, "US", "US", Strong},
		{[]Country{db("a", "US"), db("b", "US")}, "US", "US", Strong},
		{[]Country{db("a", "US"), db("b", "CN")}, "", "", Contradicting},
		{[]Country{feed("CN"), db("a", "US")}, "", "CN", Contradicting},
		{[]Country{db("a", "US"), db("b", "CN"), db("c", "CN")}, "", "CN", Contradicting},
		{[]Country{feed("CN"), db("a", "US"), db("b", "US")}, "", "", Contradicting},
	} {
		l := Location{Strength: None, Countries: c.list}
		if l.settle(); l.Country != c.country || l.Strength != c.want || l.StrongCountry() != c.strong {
			t.Errorf("%v: %q %v %q", c.list, l.Country, l.Strength, l.StrongCountry())
		}
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open(Config{Geo: []string{filepath.Join(t.TempDir(), "none.mmdb")}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
	feed, again := file(t, "a", "192.0.2.0/24,US\n"), file(t, "b", "192.0.2.0/24,US\n")
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Ranges: []string{feed, again}}, "has the same content as"},
		{Config{Geo: []string{feed}}, "is no MMDB database"},
		{Config{Geo: []string{t.TempDir()}}, "is no regular file"},
		{Config{Geo: []string{fixture("asn.mmdb")}}, "give it with --asn"},
		{Config{ASN: []string{fixture("country.mmdb")}}, "give it with --geo"},
	} {
		_, err := Open(c.config)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v, want %q", c.config, err, c.want)
		}
	}
}

func TestSupports(t *testing.T) {
	for _, c := range []struct {
		country, vantage string
		rtt              time.Duration
		want             bool
	}{
		{"US", "US", 12 * time.Millisecond, true},
		{"US", "US", 30 * time.Millisecond, false}, // South America is within reach
		{"US", "US", 0, false},                     // not measured
		{"CN", "US", 12 * time.Millisecond, false},
		{"CN", "US", 200 * time.Millisecond, false}, // a long time proves nothing
		{"CA", "US", 12 * time.Millisecond, false},  // nor does a short one tell neighbours apart
		{"DE", "DE", 9 * time.Millisecond, true},
		{"XX", "XX", time.Millisecond, false},
	} {
		if got := Supports(c.country, c.vantage, c.rtt); got != c.want {
			t.Errorf("%s from %s in %v: %v", c.country, c.vantage, c.rtt, got)
		}
	}
	// Against a table of great circles, km.
	if d := distance(point{51.5, -0.13}, point{40.71, -74.01}); d < 5530 || d > 5610 {
		t.Errorf("London to New York: %.0f km", d)
	}
}

func BenchmarkLocate(b *testing.B) {
	s := open(b, Config{
		Geo:    []string{fixture("country.mmdb"), fixture("country-second.mmdb")},
		ASN:    []string{fixture("asn.mmdb")},
		Ranges: []string{fixture("geofeed.csv")},
	})
	addr := netip.MustParseAddr("203.0.113.193")
	for b.Loop() {
		s.Locate(addr)
	}
}

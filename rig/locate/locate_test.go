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

const (
	amazon = `{"syncToken":"1","createDate":"2026-11-20-10-00-00","prefixes":[
		{"ip_prefix":"192.0.2.0/25","region":"us-east-1","service":"AMAZON","network_border_group":"us-east-1"},
		{"ip_prefix":"192.0.2.0/25","region":"us-east-1","service":"EC2","network_border_group":"us-east-1"},
		{"ip_prefix":"192.0.2.128/26","region":"us-east-1","service":"EC2","network_border_group":"us-east-1-bue-1"},
		{"ip_prefix":"192.0.2.192/27","region":"xx-new-1","service":"EC2","network_border_group":"xx-new-1"},
		{"ip_prefix":"198.51.100.0/24","region":"GLOBAL","service":"CLOUDFRONT","network_border_group":"GLOBAL"}],
		"ipv6_prefixes":[{"ipv6_prefix":"2001:db8:1::/48","region":"eu-central-1","service":"EC2","network_border_group":"eu-central-1"}]}`
	google    = `{"creationTime":"2026-11-20T10:00:00.123456","prefixes":[{"ipv4Prefix":"203.0.113.0/25","service":"Google Cloud","scope":"us-west4"},{"ipv6Prefix":"2001:db8:2::/48","scope":"global"}]}`
	microsoft = `{"cloud":"Public","values":[
		{"name":"AzureCloud.eastus2","properties":{"region":"eastus2","addressPrefixes":["192.0.2.0/24","2001:db8:3::/48"]}},
		{"name":"AzureFrontDoor","properties":{"region":"","systemService":"AzureFrontDoor.Frontend","addressPrefixes":["198.51.100.0/24"]}}]}`
	geofeed = "# a geofeed\n192.0.2.0/24,US,US-VA,Ashburn,\n2001:db8::/32,de,,,\n198.51.100.7,ZZ,,,\n203.0.113.0/24,CN,CN-BJ,,\n203.0.113.128/25,US,,,\n"
)

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		name, content, addr string
		country, operator   string
		region              string
		anycast             bool
	}{
		{"amazon", amazon, "192.0.2.1", "US", "Amazon", "us-east-1", false},
		{"amazon local zone abroad", amazon, "192.0.2.129", "AR", "Amazon", "us-east-1-bue-1", false},
		{"amazon unknown region", amazon, "192.0.2.193", "", "Amazon", "xx-new-1", false},
		{"amazon anycast", amazon, "198.51.100.1", "", "Amazon", "GLOBAL", true},
		{"amazon IPv6", amazon, "2001:db8:1::1", "DE", "Amazon", "eu-central-1", false},
		{"4-in-6", amazon, "::ffff:192.0.2.1", "US", "Amazon", "us-east-1", false},
		{"outside", amazon, "203.0.113.1", "", "", "", false},
		{"google", google, "203.0.113.1", "US", "Google", "us-west4", false},
		{"google global", google, "2001:db8:2::1", "", "Google", "global", true},
		{"microsoft", microsoft, "192.0.2.9", "US", "Microsoft", "eastus2", false},
		{"microsoft front door", microsoft, "198.51.100.9", "", "Microsoft", "", true},
		{"fastly", `{"addresses":["192.0.2.0/24"],"ipv6_addresses":[]}`, "192.0.2.9", "", "Fastly", "", true},
		{"cloudflare", `{"result":{"ipv4_cidrs":["192.0.2.0/24"],"ipv6_cidrs":[]},"success":true}`, "192.0.2.9", "", "Cloudflare", "", true},
		{"plain list", "# operator: Example CDN\n# anycast: yes\n192.0.2.0/24\n", "192.0.2.9", "", "Example CDN", "", true},
		{"geofeed", geofeed, "192.0.2.1", "US", "", "US-VA", false},
		{"geofeed lower case", geofeed, "2001:db8::1", "DE", "", "", false},
		{"geofeed nowhere", geofeed, "198.51.100.7", "", "", "", false},
		{"geofeed longest prefix", geofeed, "203.0.113.129", "US", "", "", false},
		{"byte order mark, CRLF", "\ufeff192.0.2.0/24,US\r\n", "192.0.2.1", "US", "", "", false},
		{"prefix, country, operator", "prefix,country,operator\n192.0.2.0/24,US,Example Cloud US\n", "192.0.2.1", "US", "Example Cloud US", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Config{Ranges: []string{file(t, "ranges", c.content)}})
			l := s.Locate(netip.MustParseAddr(c.addr))
			if l.Country != c.country || l.Operator != c.operator || l.Region != c.region || l.Anycast != c.anycast {
				t.Errorf("got %+v", l)
			}
			if want := map[bool]Strength{true: Strong, false: None}[c.country != ""]; l.Strength != want {
				t.Errorf("strength %v, want %v", l.Strength, want)
			}
		})
	}
}

func TestRangeErrors(t *testing.T) {
	for content, want := range map[string]string{
		"":                                      "is empty",
		"192.0.2.0/24\n":                        "# operator: Example",
		"192.0.2.0/24,USA\n":                    "line 1: country",
		"# x\nnonsense,US\n":                    "line 2: \"nonsense\" is no prefix",
		"192.0.2.0/24,US\n192.0.2.0/24,CN\n":    "line 2: 192.0.2.0/24 is in US and also in CN",
		"{":                                     "no JSON of a cloud",
		"{}":                                    "JSON without prefixes",
		`{"prefixes":[{"ip_prefix":"x"}]}`:      "is no prefix",
		"# country: usa\n192.0.2.0/24\n":        "line 1: country",
		`{"prefixes":[{"ipv4Prefix":"1/2/3"}]}`: "is no prefix",
		`{"addresses":["fe80::1%eth0/64"]}`:     "is no prefix",
	} {
		_, err := Open(Config{Ranges: []string{file(t, "r.csv", content)}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "r.csv: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestAgree(t *testing.T) {
	db := func(c string) Country { return Country{"db", c, false} }
	feed := func(c string) Country { return Country{"feed", c, true} }
	for _, c := range []struct {
		list    []Country
		country string
		want    Strength
	}{
		{nil, "", None},
		{[]Country{db("US")}, "US", Weak},
		{[]Country{feed("US")}, "US", Strong},
		{[]Country{db("US"), db("US")}, "US", Strong},
		{[]Country{db("US"), db("CN")}, "", Contradicting},
		{[]Country{feed("US"), db("CN")}, "", Contradicting},
		{[]Country{db("US"), db("US"), db("CN")}, "", Contradicting},
	} {
		if country, s := agree(c.list); country != c.country || s != c.want {
			t.Errorf("%v: %q %v", c.list, country, s)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open(Config{Geo: []string{filepath.Join(t.TempDir(), "none.mmdb")}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
	feed := file(t, "a", "192.0.2.0/24,US\n")
	again := file(t, "b", "192.0.2.0/24,US\n")
	if _, err := Open(Config{Ranges: []string{feed, again}}); err == nil || !strings.Contains(err.Error(), "b is the same file as a") {
		t.Errorf("the same file twice: %v", err)
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
	// Haversine against distances from geodesic tables, in km.
	if d := distance(point{51.5, -0.13}, point{40.71, -74.01}); d < 5530 || d > 5610 {
		t.Errorf("London to New York: %.0f km", d)
	}
}

func FuzzRanges(f *testing.F) {
	for _, s := range []string{amazon, google, microsoft, geofeed, "# operator: x\n192.0.2.0/24\n", "{", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s, src := &Set{}, source{}
		err := s.readRanges(&src, content)
		if (err == nil) != (src.find != nil) {
			t.Fatalf("value and error: %v", err)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("more than a line: %q", err)
		}
		if err == nil {
			src.find(netip.MustParseAddr("192.0.2.1"))
			src.find(netip.MustParseAddr("2001:db8::1"))
		}
	})
}

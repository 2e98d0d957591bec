package locate

import (
	"net/netip"
	"strings"
	"testing"
)

const (
	amazon = `{"syncToken":"1","createDate":"2026-11-20-10-00-00","prefixes":[
		{"ip_prefix":"192.0.2.0/25","region":"us-east-1","service":"AMAZON","network_border_group":"us-east-1"},
		{"ip_prefix":"192.0.2.0/25","region":"us-east-1","service":"EC2","network_border_group":"us-east-1"},
		{"ip_prefix":"192.0.2.64/27","region":"us-west-2","service":"GLOBALACCELERATOR","network_border_group":"us-west-2"},
		{"ip_prefix":"192.0.2.128/27","region":"us-east-1","service":"EC2","network_border_group":"us-east-1-bue-1"},
		{"ip_prefix":"192.0.2.160/27","region":"us-east-1","service":"EC2","network_border_group":"us-east-1-wl1-bos-wlz-1"},
		{"ip_prefix":"192.0.2.176/28","region":"us-east-1","service":"EC2","network_border_group":"us-east-1-xyz-1"},
		{"ip_prefix":"192.0.2.192/27","region":"xx-new-1","service":"EC2","network_border_group":"xx-new-1"},
		{"ip_prefix":"198.51.100.0/24","region":"GLOBAL","service":"CLOUDFRONT","network_border_group":"GLOBAL"}],
		"ipv6_prefixes":[{"ipv6_prefix":"2001:db8:1::/48","region":"eu-central-1","service":"EC2","network_border_group":"eu-central-1"}]}`
	google = `{"creationTime":"2026-11-20T10:00:00.123456","prefixes":[
		{"ipv4Prefix":"203.0.113.0/25","service":"Google Cloud","scope":"us-west4"},{"ipv4Prefix":"203.0.113.128/25"},
		{"ipv6Prefix":"2001:db8:2::/48","scope":"global"}]}`
	azure = `{"cloud":"Public","values":[
		{"name":"AzureCloud","properties":{"region":"","addressPrefixes":["192.0.2.0/24","203.0.113.0/24"]}},
		{"name":"AzureCloud.eastus2","properties":{"region":"eastus2","addressPrefixes":["192.0.2.0/24","2001:db8:3::/48"]}},
		{"name":"Storage","properties":{"region":"","addressPrefixes":["192.0.2.64/28"]}},
		{"name":"AzureFrontDoor.Frontend","properties":{"region":"","systemService":"AzureFrontDoor","addressPrefixes":["192.0.2.128/28"]}}]}`
	geofeed   = "# a geofeed\n192.0.2.0/24,US,US-VA,Ashburn,\n2001:db8::/32,de,,,\n198.51.100.7,ZZ,,,\n198.51.100.8\n203.0.113.0/24,CN,CN-BJ,,\n203.0.113.128/25,US,US-CA,,\n"
	headedCSV = "prefix,country,operator\n192.0.2.0/24,US,Example Cloud US\n192.0.2.128/25,,Example CDN CN\n"
)

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		name, content, addr       string
		country, operator, region string
		anycast                   bool
	}{
		{"aws", amazon, "192.0.2.1", "US", "Amazon", "us-east-1", false},
		{"aws anycast with a region", amazon, "192.0.2.65", "", "Amazon", "", true},
		{"aws local zone abroad", amazon, "192.0.2.129", "AR", "Amazon", "us-east-1", false},
		{"aws Wavelength zone", amazon, "192.0.2.161", "US", "Amazon", "us-east-1", false},
		{"aws unknown zone keeps what is around it", amazon, "192.0.2.177", "US", "Amazon", "us-east-1", false},
		{"aws unknown region", amazon, "192.0.2.193", "", "Amazon", "xx-new-1", false},
		{"aws anycast", amazon, "198.51.100.1", "", "Amazon", "", true},
		{"aws IPv6", amazon, "2001:db8:1::1", "DE", "Amazon", "eu-central-1", false},
		{"IPv4 in IPv6 form", amazon, "::ffff:192.0.2.1", "US", "Amazon", "us-east-1", false},
		{"outside", amazon, "203.0.113.1", "", "", "", false},
		{"google", google, "203.0.113.1", "US", "Google", "us-west4", false},
		{"google without scope", google, "203.0.113.129", "", "Google", "", false},
		{"google global", google, "2001:db8:2::1", "", "Google", "", true},
		{"azure, in a region and everywhere", azure, "192.0.2.9", "US", "Microsoft", "eastus2", false},
		{"azure service in a region's prefix", azure, "192.0.2.65", "US", "Microsoft", "eastus2", false},
		{"azure front door in a region's prefix", azure, "192.0.2.129", "", "Microsoft", "", true},
		{"azure without region", azure, "203.0.113.1", "", "Microsoft", "", false},
		{"azure of China", `{"cloud":"AzureChina","values":[{"properties":{"region":"chinaeast2","addressPrefixes":["192.0.2.0/24"]}}]}`,
			"192.0.2.1", "CN", "21Vianet (Azure China)", "chinaeast2", false},
		{"fastly", `{"addresses":["192.0.2.0/24"],"ipv6_addresses":[]}`, "192.0.2.9", "", "Fastly", "", true},
		{"cloudflare", `{"result":{"ipv4_cidrs":["192.0.2.0/24"],"ipv6_cidrs":[]},"success":true}`, "192.0.2.9", "", "Cloudflare", "", true},
		{"bare list", "# operator: Example CDN\n192.0.2.0/24\n", "192.0.2.9", "", "Example CDN", "", true},
		{"geofeed", geofeed, "192.0.2.1", "US", "", "", false},
		{"geofeed, lower case", geofeed, "2001:db8::1", "DE", "", "", false},
		{"geofeed, not to be placed", geofeed, "198.51.100.7", "", "", "", false},
		{"geofeed, prefix alone", geofeed, "198.51.100.8", "", "", "", false},
		{"geofeed, longest prefix", geofeed, "203.0.113.129", "US", "", "", false},
		{"byte order mark, CRLF", "\ufeff192.0.2.0/24,US\r\n", "192.0.2.1", "US", "", "", false},
		{"CSV with header", headedCSV, "192.0.2.1", "US", "Example Cloud US", "", false},
		{"CSV with header, no country", headedCSV, "192.0.2.129", "US", "Example CDN CN", "", false},
		{"CSV without header", "192.0.2.0/24,US,Example Cloud US\n", "192.0.2.1", "US", "Example Cloud US", "", false},
		{"prefix in IPv6 form", "::ffff:192.0.2.0/120,US\n", "192.0.2.1", "US", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := open(t, Config{Ranges: []string{file(t, "ranges", c.content)}}).Locate(netip.MustParseAddr(c.addr))
			if l.Country != c.country || l.Operator != c.operator || l.Region != c.region || l.Anycast != c.anycast {
				t.Errorf("got %+v", l)
			}
			if want := map[bool]Strength{true: Strong, false: None}[c.country != ""]; l.Strength != want {
				t.Errorf("strength %v, want %v", l.Strength, want)
			}
		})
	}
}

func TestRangesOfTwoMinds(t *testing.T) {
	s := open(t, Config{Ranges: []string{file(t, "feed.csv", "192.0.2.0/24,US\n192.0.2.0/24,CN\n")}})
	if l := s.Locate(netip.MustParseAddr("192.0.2.1")); l.Strength != Contradicting || l.Country != "" || len(l.Countries) != 2 {
		t.Errorf("a feed that contradicts itself: %+v", l)
	}
}

func TestRangeErrors(t *testing.T) {
	for content, want := range map[string]string{
		"":                                   ": has no prefix",
		"# nothing\n":                        ": has no prefix",
		"192.0.2.0/24,USA\n":                 ":1: \"USA\" is no country",
		"# x\n\nnonsense,US\n":               ":3: \"nonsense\" is neither a prefix nor an address",
		"192.0.2.0/24\n192.0.2.0/24,CN\n":    ":2: has 2 fields",
		"prefix,country\n192.0.2.0/24,a,b\n": ":2: has 3 fields; the header has 2",
		"{":                                  ":1: is no JSON",
		"{\n\"prefixes\":7}":                 ":2: is no JSON",
		"{}":                                 ": has no prefix in the layout of",
		`{"prefixes":[{"ip_prefix":"x"}]}`:   ": \"x\" is no prefix",
		`{"addresses":["fe80::1%eth0/64"]}`:  ": \"fe80::1%eth0/64\" is no prefix",
	} {
		path := file(t, "r.csv", content)
		_, err := Open(Config{Ranges: []string{path}})
		if err == nil || !strings.HasPrefix(err.Error(), path+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

// TestRegions holds the table to its form: each region once, in a country.
func TestRegions(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(regionList) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSpace(line), ",")
		if len(fields) != 3 || countryCode(fields[1]) != fields[1] {
			t.Errorf("%q", line)
			continue
		}
		for name := range strings.FieldsSeq(fields[2]) {
			if key := fields[0] + " " + name; seen[key] {
				t.Errorf("%s stands twice", key)
			} else {
				seen[key] = true
			}
		}
	}
	if len(seen) != len(regions()) {
		t.Errorf("%d regions of %d", len(regions()), len(seen))
	}
}

func FuzzRanges(f *testing.F) {
	for _, s := range []string{amazon, google, azure, geofeed, headedCSV, "# operator: x\n192.0.2.0/24\n", "{", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := ParseRanges("f", content)
		if (err == nil) != (r != nil) {
			t.Fatalf("value %v, error %v", r, err)
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Fatalf("more than a line: %q", err)
			}
			return
		}
		if r.table.Size() == 0 {
			t.Fatal("no prefix, no error")
		}
		for prefix := range r.table.All() {
			l := (&Set{ranges: []*Ranges{r}}).Locate(prefix.Addr())
			if (l.Country == "") == (l.Strength == Strong) {
				t.Fatalf("%s: %+v", prefix, l)
			}
		}
	})
}

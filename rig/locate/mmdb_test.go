package locate

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus is the folder of MaxMind's own test databases.
func corpus(t testing.TB) string {
	t.Helper()
	root := os.Getenv("CORPUS_DIR")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	dir := filepath.Join(root, "mmdb")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of databases: %v (set CORPUS_DIR)", err)
	}
	return dir
}

// source is the JSON that MaxMind makes a test database of: a list of objects
// with one network each.
func source[T any](t *testing.T, path string) map[netip.Prefix]T {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[netip.Prefix]T
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	all := map[netip.Prefix]T{}
	for _, m := range list {
		for prefix, record := range m {
			all[prefix] = record
		}
	}
	return all
}

// covered reports whether a longer prefix of the list starts where p does:
// then it is that one's record which is found there.
func covered[T any](p netip.Prefix, all map[netip.Prefix]T) bool {
	for q := range all {
		if q.Bits() > p.Bits() && q.Addr() == p.Addr() {
			return true
		}
	}
	return false
}

func TestCorpusCountries(t *testing.T) {
	dir := corpus(t)
	s := open(t, Config{Geo: []string{filepath.Join(dir, "GeoIP2-Country-Test.mmdb")}})
	all := source[struct {
		Country struct {
			Code string `json:"iso_code"`
		} `json:"country"`
		Traits struct {
			Anycast bool `json:"is_anycast"`
		} `json:"traits"`
	}](t, filepath.Join(dir, "GeoIP2-Country-Test.json"))
	for prefix, want := range all {
		if covered(prefix, all) {
			continue
		}
		if l := s.Locate(prefix.Addr()); l.Country != want.Country.Code || l.Anycast != want.Traits.Anycast {
			t.Errorf("%s: %+v, want %+v", prefix, l, want)
		}
	}
	if len(all) < 300 {
		t.Errorf("only %d networks", len(all))
	}
}

func TestCorpusSystems(t *testing.T) {
	dir := corpus(t)
	s := open(t, Config{ASN: []string{filepath.Join(dir, "GeoLite2-ASN-Test.mmdb")}})
	all := source[struct {
		Number       uint32 `json:"autonomous_system_number"`
		Organization string `json:"autonomous_system_organization"`
	}](t, filepath.Join(dir, "GeoLite2-ASN-Test.json"))
	for prefix, want := range all {
		if covered(prefix, all) {
			continue
		}
		if l := s.Locate(prefix.Addr()); l.ASN != want.Number || l.Operator != want.Organization {
			t.Errorf("%s: %+v, want %+v", prefix, l, want)
		}
	}
	if len(all) < 300 {
		t.Errorf("only %d networks", len(all))
	}
}

func TestCorpusCities(t *testing.T) {
	s := open(t, Config{Geo: []string{filepath.Join(corpus(t), "GeoIP2-City-Test.mmdb")}})
	if l := s.Locate(netip.MustParseAddr("81.2.69.142")); l.Country != "GB" || l.Strength != Weak {
		t.Errorf("got %+v", l)
	}
}

func TestCorpusBroken(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpus(t), "*[Bb]roken*.mmdb"))
	if err != nil || len(paths) < 3 {
		t.Fatalf("%d broken databases: %v", len(paths), err)
	}
	for _, path := range paths {
		if _, err := Open(Config{Geo: []string{path}}); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

// TestDamaged flips and cuts: an error or answers, never a panic.
func TestDamaged(t *testing.T) {
	good, err := os.ReadFile(fixture("country.mmdb"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0xff
		ask(bad)
		ask(good[:i])
	}
}

// ask opens a database and looks addresses up in it.
func ask(content []byte) error {
	db, err := openDatabase(&input{data: content})
	if err != nil {
		return err
	}
	var l Location
	for _, a := range []string{"192.0.2.1", "198.51.100.225", "2001:db8::1"} {
		db.country(netip.MustParseAddr(a), &l)
		db.operator(netip.MustParseAddr(a), &l)
	}
	return nil
}

func FuzzDatabase(f *testing.F) {
	for _, name := range []string{"country.mmdb", "asn.mmdb"} {
		b, err := os.ReadFile(fixture(name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := ask(content); err != nil && strings.ContainsAny(err.Error(), "\r\n") {
			t.Fatalf("more than a line: %q", err)
		}
	})
}

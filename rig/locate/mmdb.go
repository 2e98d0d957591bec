package locate

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

func (s *Set) readGeo(src *source, content []byte) error {
	db, err := openDatabase(src, content)
	if err != nil {
		return err
	}
	kind := strings.ToLower(db.Metadata.DatabaseType)
	if isASN(kind) && !isGeo(kind) {
		return fmt.Errorf("is a database of type %s, not of countries; give it with --asn", db.Metadata.DatabaseType)
	}
	s.countries = true
	src.find = func(addr netip.Addr) answer { return ask(db, addr, geoAnswer) }
	return nil
}

func (s *Set) readASN(src *source, content []byte) error {
	db, err := openDatabase(src, content)
	if err != nil {
		return err
	}
	kind := strings.ToLower(db.Metadata.DatabaseType)
	if isGeo(kind) && !isASN(kind) {
		return fmt.Errorf("is a database of type %s, not of autonomous systems; give it with --geo", db.Metadata.DatabaseType)
	}
	s.operators = true
	src.find = func(addr netip.Addr) answer { return ask(db, addr, asnAnswer) }
	return nil
}

// isGeo and isASN tell types apart by the words that makers use; what says
// neither is taken at the user's word.
func isGeo(kind string) bool { return containsAny(kind, "country", "city", "enterprise", "location") }
func isASN(kind string) bool { return containsAny(kind, "asn", "isp") }

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// openDatabase reads and verifies the whole file, so that no lookup meets a
// broken place.
func openDatabase(src *source, content []byte) (db *maxminddb.Reader, err error) {
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, errors.New("corrupt MMDB file; download it again")
		}
	}()
	if db, err = maxminddb.OpenBytes(content); err != nil {
		return nil, fmt.Errorf("no MMDB file, or a corrupt one (%w)", err)
	}
	if err = db.Verify(); err != nil {
		return nil, fmt.Errorf("corrupt MMDB file (%w); download it again", err)
	}
	src.file.Built = built(db.Metadata.BuildTime())
	return db, nil
}

// ask looks an address up. A record of a shape that no maker documents is no
// answer.
func ask(db *maxminddb.Reader, addr netip.Addr, read func(maxminddb.Result) answer) (a answer) {
	defer func() {
		if recover() != nil {
			a = answer{}
		}
	}()
	r := db.Lookup(addr)
	if r.Err() != nil || !r.Found() {
		return answer{}
	}
	return read(r)
}

// geoAnswer reads the records of MaxMind and DB-IP (country.iso_code) and of
// IPinfo (country_code, or country as a string).
func geoAnswer(r maxminddb.Result) (a answer) {
	for _, path := range [][]any{{"country", "iso_code"}, {"country_code"}, {"country"}} {
		var s string
		if r.DecodePath(&s, path...) == nil && isCountry(s) {
			a.country = s
			break
		}
	}
	if r.DecodePath(&a.anycast, "traits", "is_anycast") != nil {
		a.anycast = false
	}
	return a
}

// asnAnswer reads the records of MaxMind and DB-IP, and of IPinfo (asn, as_name).
func asnAnswer(r maxminddb.Result) (a answer) {
	if r.DecodePath(&a.asn, "autonomous_system_number") != nil || a.asn == 0 {
		var s string
		if r.DecodePath(&s, "asn") == nil {
			n, _ := strconv.ParseUint(strings.TrimPrefix(s, "AS"), 10, 32) // what is no number is AS 0, unknown
			a.asn = uint32(n)
		}
	}
	for _, key := range []string{"autonomous_system_organization", "as_name", "name"} {
		if r.DecodePath(&a.operator, key) == nil && a.operator != "" {
			break
		}
	}
	return a
}

package locate

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// database is an MMDB file that was verified as a whole.
type database struct {
	name   string
	reader *maxminddb.Reader
}

// openDatabase reads and verifies f, and notes in it when it was built. Every
// record is decoded once, so that a damaged one is found here and not in the
// midst of a judgement.
func openDatabase(f *input) (db *database, err error) {
	defer func() {
		if p := recover(); p != nil { // the reader has been fuzzed, but evidence does not hang on it
			db, err = nil, fmt.Errorf("is a damaged MMDB database: %v", p)
		}
	}()
	r, err := maxminddb.OpenBytes(f.data)
	if err != nil {
		return nil, fmt.Errorf("is no MMDB database, or a damaged one: %w", oneLine(err))
	}
	if len(r.Metadata.Description) == 0 {
		// The format wants one and Verify insists, though nothing depends on it.
		r.Metadata.Description = map[string]string{"en": r.Metadata.DatabaseType}
	}
	if err := r.Verify(); err != nil {
		return nil, fmt.Errorf("is a damaged MMDB database: %w; download it again", oneLine(err))
	}
	if r.Metadata.BuildEpoch > 0 && uint64(r.Metadata.BuildEpoch) < 1<<33 {
		f.ref.Built = r.Metadata.BuildTime().UTC().Format(time.RFC3339)
	}
	return &database{f.ref.Name, r}, nil
}

// oneLine keeps messages of others to the one line that ours are.
func oneLine(err error) error {
	if s := err.Error(); strings.ContainsAny(s, "\r\n") {
		return errors.New(strings.Join(strings.Fields(s), " "))
	}
	return err
}

// ofCountries and ofSystems tell types apart by the words that makers use; one
// that says neither is taken at the user's word.
func (d *database) ofCountries() bool { return d.holds("country", "city", "enterprise", "location") }
func (d *database) ofSystems() bool   { return d.holds("asn", "isp") }

// holds reports whether the database's type has one of the words.
func (d *database) holds(words ...string) bool {
	kind := strings.ToLower(d.reader.Metadata.DatabaseType)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(kind, w) })
}

// country adds what the database says: country.iso_code in the layout of
// MaxMind and DB-IP, country_code or country in flat ones. The country of
// registration is left aside, for it is the registrant's home.
func (d *database) country(addr netip.Addr, l *Location) {
	record := d.reader.Lookup(addr)
	if !record.Found() {
		return
	}
	code := text(record, "country", "iso_code")
	if code == "" {
		code = text(record, "country_code")
	}
	if code == "" {
		code = text(record, "country")
	}
	l.say(d.name, Database, code)
	var anycast bool
	if record.DecodePath(&anycast, "traits", "is_anycast") == nil && anycast {
		l.Anycast = true
	}
}

// operator fills in what is not known yet: autonomous_system_number and
// _organization in the layout of MaxMind and DB-IP, asn and as_name in flat ones.
func (d *database) operator(addr netip.Addr, l *Location) {
	record := d.reader.Lookup(addr)
	if l.ASN != 0 || !record.Found() {
		return
	}
	if record.DecodePath(&l.ASN, "autonomous_system_number") != nil || l.ASN == 0 {
		number, _ := strings.CutPrefix(text(record, "asn"), "AS")
		n, _ := strconv.ParseUint(number, 10, 32) // 0 where there is none
		l.ASN = uint32(n)
	}
	if l.Operator == "" {
		l.Operator = text(record, "autonomous_system_organization")
	}
	if l.Operator == "" {
		l.Operator = text(record, "as_name")
	}
}

// text is a string of the record, empty where it has none of that path.
func text(record maxminddb.Result, path ...any) string {
	var s string
	if record.DecodePath(&s, path...) != nil {
		return "" // another type: the layout is not the one asked for
	}
	return s
}

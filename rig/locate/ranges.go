package locate

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/gaissmai/bart"
)

// rangeTable collects the prefixes of one range file.
type rangeTable struct {
	prefixes bart.Table[answer]
	built    string
}

// maxRanges bounds a range file; the largest geofeeds hold a tenth of it.
const maxRanges = 2 << 20

var errTooMany = errors.New("more than 2,097,152 prefixes; is it a range file?")

// readRanges reads a range file of any known kind: JSON of a cloud, or lines.
func (s *Set) readRanges(src *source, content []byte) error {
	t := &rangeTable{}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	var err error
	if head := bytes.TrimSpace(content); len(head) > 0 && head[0] == '{' {
		err = t.readJSON(content)
	} else {
		err = t.readLines(content)
	}
	if err != nil {
		return err
	}
	var countries, operators bool
	for _, a := range t.prefixes.All() {
		countries = countries || a.country != ""
		operators = operators || a.operator != ""
	}
	if !countries && !operators {
		return errors.New("has no prefix with a country or an operator; a list of bare prefixes needs a line such as # operator: Example")
	}
	s.countries, s.operators = s.countries || countries, s.operators || operators
	src.ranges, src.file.Built = true, t.built
	src.find = func(addr netip.Addr) answer {
		a, _ := t.prefixes.Lookup(addr)
		return a
	}
	return nil
}

// add notes what a file says of a prefix. Clouds list a prefix once for each
// service; what two lines say is put together, and may not contradict.
func (t *rangeTable) add(text string, a answer) error {
	prefix, err := parsePrefix(text)
	if err != nil {
		return err
	}
	if old, ok := t.prefixes.Get(prefix); ok {
		if old.country != "" && a.country != "" && old.country != a.country {
			return fmt.Errorf("%s is in %s and also in %s; leave one out", prefix, old.country, a.country)
		}
		if a.country == "" {
			a.country, a.region = old.country, old.region
		}
		if old.operator != "" {
			a.operator = old.operator
		}
		a.anycast = a.anycast || old.anycast
	} else if t.prefixes.Size() == maxRanges {
		return errTooMany
	}
	t.prefixes.Insert(prefix, a)
	return nil
}

// parsePrefix takes a prefix or a single address, IPv4 also in its IPv6 form.
func parsePrefix(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%.60q is no prefix such as 203.0.113.0/24", s)
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// isCountry reports whether s looks like ISO 3166-1 alpha-2.
func isCountry(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

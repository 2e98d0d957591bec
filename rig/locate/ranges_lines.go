package locate

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// readLines reads a geofeed (RFC 8805: prefix,country,region,city,postal), a
// list of our own (prefix,country,operator), or bare prefixes. Comments of the
// form "# operator: NAME", "# country: CC" and "# anycast: yes" hold for the
// lines below them that say nothing else.
func (t *rangeTable) readLines(content []byte) error {
	var given answer
	number := 0
	for line := range bytes.Lines(content) {
		number++
		text := strings.TrimSpace(string(line))
		if comment, ok := strings.CutPrefix(text, "#"); ok || text == "" {
			if err := given.read(comment); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
			continue
		}
		if err := t.addLine(strings.Split(text, ","), given); err != nil {
			return fmt.Errorf("line %d: %w; mend it or leave it out", number, err)
		}
	}
	if number == 0 {
		return errors.New("is empty")
	}
	return nil
}

// read takes what a comment says of the lines below it.
func (a *answer) read(comment string) error {
	key, value, ok := strings.Cut(comment, ":")
	value = strings.TrimSpace(value)
	if !ok || value == "" {
		return nil
	}
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "operator":
		a.operator = value
	case "country":
		if !isCountry(value) {
			return fmt.Errorf("country %.20q: say two capital letters such as US (ISO 3166-1)", value)
		}
		a.country = value
	case "anycast":
		a.anycast = value == "yes" || value == "true"
	}
	return nil
}

// subdivision is the third field of a geofeed, ISO 3166-2; where it is
// something else, it names the operator.
var subdivision = regexp.MustCompile(`^([A-Z]{2}-[A-Z0-9]{1,3})?$`)

func (t *rangeTable) addLine(fields []string, a answer) error {
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	if len(fields) > 1 && strings.EqualFold(fields[0], "prefix") {
		return nil // a head line
	}
	if len(fields) > 1 && fields[1] != "" {
		country := strings.ToUpper(fields[1])
		switch {
		case !isCountry(country):
			return fmt.Errorf("country %.20q is not two letters (ISO 3166-1)", fields[1])
		case country == "ZZ": // RFC 8805 section 2.1.1.2: place it nowhere
			a.country = ""
		default:
			a.country = country
		}
	}
	if len(fields) > 2 {
		if third := fields[2]; subdivision.MatchString(third) {
			a.region = third
		} else if len(fields) == 3 {
			a.operator = third
		}
	}
	return t.add(fields[0], a)
}

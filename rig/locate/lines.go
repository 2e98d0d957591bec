package locate

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// parseLines reads the formats of lines: see ParseRanges.
func (r *Ranges) parseLines(data []byte) error {
	in := csv.NewReader(strings.NewReader(string(data)))
	in.FieldsPerRecord, in.TrimLeadingSpace, in.LazyQuotes, in.Comment = -1, true, true, '#'
	list := lineList{ranges: r, operator: commentedOperator(data)}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return lineError(err)
		}
		line, _ := in.FieldPos(0)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if err := list.take(fields); err != nil {
			return fmt.Errorf(":%d: %w", line, err)
		}
	}
	if r.table.Size() == 0 {
		return errors.New(": has no prefix; give a cloud's list of ranges, a geofeed (RFC 8805), or lines of prefix,country,operator")
	}
	return nil
}

// lineError puts what encoding/csv says of a place into our form.
func lineError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf(":%d: is no CSV: %w", p.Line, p.Err)
	}
	return fmt.Errorf(": %w", err)
}

// form is what the first line shows the file to be.
type form int

const (
	unseen form = iota
	bare        // prefixes alone
	headed      // prefix,country or prefix,country,operator, with that header
	feed        // RFC 8805
)

// subdivision is the region of a geofeed, ISO 3166-2.
var subdivision = regexp.MustCompile(`^[A-Za-z]{2}-[A-Za-z0-9]{1,3}$`)

// lineList takes lines one by one.
type lineList struct {
	ranges   *Ranges
	operator string // of all lines that name none
	form     form
	width    int // fields of the header
}

func (l *lineList) take(fields []string) error {
	if l.form == unseen {
		switch {
		case isHeader(fields):
			l.form, l.width = headed, len(fields)
			return nil
		case len(fields) == 1:
			l.form = bare
		default:
			l.form = feed
		}
	}
	prefix, err := parsePrefix(fields[0])
	if err != nil {
		return fmt.Errorf("%.60q is neither a prefix nor an address", fields[0])
	}
	p := place{operator: l.operator, anycast: l.form == bare}
	switch {
	case l.form == bare && len(fields) > 1:
		return fmt.Errorf("has %d fields, and the lines before it a prefix alone; give the file a header such as prefix,country,operator", len(fields))
	case l.form == headed && len(fields) != l.width:
		return fmt.Errorf("has %d fields; the header has %d", len(fields), l.width)
	case len(fields) == 3 && fields[2] != "" && (l.form == headed || !subdivision.MatchString(fields[2])):
		p.operator = fields[2]
	}
	if len(fields) > 1 && fields[1] != "" {
		if !isCode(strings.ToUpper(fields[1])) {
			return fmt.Errorf("%.60q is no country; give two letters (ISO 3166-1)", fields[1])
		}
		p.countries = []string{countryCode(fields[1])}
	}
	l.ranges.add(prefix, p)
	return nil
}

// isHeader reports whether fields are prefix,country or prefix,country,operator.
func isHeader(fields []string) bool {
	line := strings.ToLower(strings.Join(fields, ","))
	return line == "prefix,country" || line == "prefix,country,operator"
}

// commentedOperator finds "# operator: NAME".
func commentedOperator(data []byte) string {
	for line := range strings.Lines(string(data)) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !ok {
			continue
		}
		if key, name, ok := strings.Cut(comment, ":"); ok && strings.EqualFold(strings.TrimSpace(key), "operator") {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

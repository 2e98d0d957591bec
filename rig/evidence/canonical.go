package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// canonical prints v as JSON in the one form that RFC 8785 (JCS) has for it:
// no white space, members sorted by their names in UTF-16, strings with the
// fewest escapes. Numbers are whole and exact in a double, for others have no
// place in a bundle.
func canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return appendCanonical(nil, tree)
}

// mostExact is the largest number up to which a double holds every whole one.
const mostExact = 1 << 53

func appendCanonical(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendCanonicalString(b, v), nil
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil || n > mostExact || n < -mostExact {
			return nil, fmt.Errorf("the number %s has no canonical form here: only whole ones up to 2^53 have", v)
		}
		return strconv.AppendInt(b, n, 10), nil
	case []any:
		return appendCanonicalList(b, v)
	case map[string]any:
		return appendCanonicalObject(b, v)
	}
	return nil, fmt.Errorf("%T is no JSON", v)
}

func appendCanonicalList(b []byte, list []any) (_ []byte, err error) {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendCanonical(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendCanonicalObject(b []byte, members map[string]any) (_ []byte, err error) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int { return slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y))) })
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendCanonicalString(b, name), ':')
		if b, err = appendCanonical(b, members[name]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// shortEscapes are the two-character escapes of RFC 8785 section 3.2.2.2.
var shortEscapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func appendCanonicalString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range shortEscapes.Replace(s) {
		if r < ' ' {
			b = fmt.Appendf(b, `\u%04x`, r)
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return append(b, '"')
}

// decode reads JSON into v, which must be in canonical form with one newline
// behind it, so that no two texts say the same.
func decode(content []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("it is not what this program reads: %w", err)
	}
	again, err := canonical(v)
	if err != nil {
		return err
	}
	if at := differAt(content, append(again, '\n')); at >= 0 {
		return fmt.Errorf("it is not in canonical form (RFC 8785 and a newline) at byte %d", at)
	}
	return nil
}

// differAt is the first byte at which two texts differ; -1 where they do not.
func differAt(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return n
}

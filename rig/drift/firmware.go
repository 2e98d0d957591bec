package drift

import (
	"cmp"
	"strings"
	"unicode"
)

// CompareFirmware orders versions as people number them: runs of digits by
// their number, all else by spelling. It returns -1, 0 or 1, as cmp.Compare
// does; "02.01.0507" and "2.1.507" are equal.
func CompareFirmware(a, b string) int {
	for a != "" && b != "" {
		x, y := "", ""
		x, a = run(a)
		y, b = run(b)
		if c := compareRuns(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// run cuts the leading digits, or what comes before the next digit.
func run(s string) (head, rest string) {
	digit := isDigit(rune(s[0]))
	if i := strings.IndexFunc(s, func(r rune) bool { return isDigit(r) != digit }); i > 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func isDigit(r rune) bool { return r < unicode.MaxASCII && unicode.IsDigit(r) }

func compareRuns(x, y string) int {
	if isDigit(rune(x[0])) && isDigit(rune(y[0])) {
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	}
	return cmp.Compare(x, y)
}

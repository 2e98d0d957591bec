package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/policy"
)

// outcome is a result in the words of the page.
type outcome struct{ class, word, means string }

// outcomes by result; the empty one is of a claim that was not judged.
var outcomes = map[policy.Result]outcome{
	policy.Pass:         {"pass", "Kept", "what was promised held in this recording"},
	policy.Inconclusive: {"inconclusive", "Not proven", "the recording cannot show whether the promise was kept"},
	policy.Errored:      {"error", "Rig error", "the rig failed; nothing is said about the product"},
	policy.Fail:         {"fail", "Broken", "something was seen that the promise excludes"},
	"":                  {"none", "Not judged", "the recording has no occasion to judge the promise by"},
}

// checkWord words the same results for proofs of the sensor, which nobody
// promised.
func checkWord(r policy.Result) string {
	switch r {
	case policy.Pass:
		return "Met"
	case "":
		return "Not judged"
	}
	return "Not met"
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// Thousands prints 1234567 as 1,234,567.
func Thousands(n uint64) string {
	s := itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Size prints bytes in powers of 1,000.
func Size(n uint64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return itoa(n) + " B"
	}
	v, u := float64(n)/1000, 0
	for v >= 999.5 {
		v, u = v/1000, u+1
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %cB", v, units[u])
	}
	return fmt.Sprintf("%.0f %cB", v, units[u])
}

// plural words a count: "1 flow", "2,000 flows". A noun that ends in y, s or x
// gets the plural that is given with a bar: "proxy|proxies".
func plural[N int | uint64](n N, noun string) string {
	one, many, irregular := strings.Cut(noun, "|")
	if !irregular {
		many = one + "s"
	}
	if n == 1 {
		return "1 " + one
	}
	return Thousands(uint64(n)) + " " + many
}

// lasting words a duration to the second, or better where it is short.
func lasting(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

// enumerate joins words: "a, b and c".
func enumerate(list []string) string {
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
}

package suite

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/onsi/ginkgo/v2"
)

// Firmware keeps a spec to a range of firmware: call it first in the spec. Out
// of the range the spec is skipped with that reason; where the inventory names
// no firmware it fails, for nobody knows whether it applies.
//
// A range is a list of comparisons that all hold: ">=10.1.0.30 <10.2".
func (s *Suite) Firmware(ctx context.Context, constraint string) {
	ginkgo.GinkgoHelper()
	want, err := ParseRange(constraint)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	s.judgement(ctx)
	if s.rec.Inventory.Device.Firmware == "" {
		ginkgo.Fail("error: the inventory names no firmware, so nobody knows whether " + constraint + " holds")
	}
	have, err := ParseVersion(s.rec.Inventory.Device.Firmware)
	if err != nil {
		ginkgo.Fail("error: " + err.Error())
	}
	if !want.Contains(have) {
		ginkgo.Skip(fmt.Sprintf("firmware %s is not in %s", have, constraint))
	}
}

// Version is a dotted list of integers, as makers number firmware: 10.1.0.30.
type Version []uint64

// ParseVersion reads dotted integers; a leading v and leading zeros are
// allowed (02.01.0507).
func ParseVersion(s string) (Version, error) {
	var v Version
	for part := range strings.SplitSeq(strings.TrimPrefix(s, "v"), ".") {
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("firmware %q is not dotted integers such as 10.1.0.30", s)
		}
		v = append(v, n)
	}
	return v, nil
}

func (v Version) String() string {
	parts := make([]string, len(v))
	for i, n := range v {
		parts[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(parts, ".")
}

// Compare is negative, zero or positive as v is older than, the same as or
// newer than w. Parts that are missing count as 0.
func (v Version) Compare(w Version) int {
	for i := range max(len(v), len(w)) {
		if c := cmp.Compare(v.part(i), w.part(i)); c != 0 {
			return c
		}
	}
	return 0
}

func (v Version) part(i int) uint64 {
	if i < len(v) {
		return v[i]
	}
	return 0
}

// Range is a list of comparisons that must all hold.
type Range []comparison

type comparison struct {
	op      string
	version Version
}

// ParseRange reads comparisons separated by spaces or commas: the operators
// are = != < <= > >=, and none means =.
func ParseRange(s string) (Range, error) {
	var r Range
	for _, field := range strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == ',' }) {
		number := strings.TrimLeft(field, "=!<>")
		op := field[:len(field)-len(number)]
		switch op {
		case "":
			op = "="
		case "=", "!=", "<", "<=", ">", ">=":
		default:
			return nil, fmt.Errorf("firmware range %q: %q is no comparison; say = != < <= > or >=", s, op)
		}
		v, err := ParseVersion(number)
		if err != nil {
			return nil, fmt.Errorf("firmware range %q: %w", s, err)
		}
		r = append(r, comparison{op, v})
	}
	if len(r) == 0 {
		return nil, fmt.Errorf("firmware range is empty; say for example >=10.1.0.30 <10.2")
	}
	return r, nil
}

// Contains reports whether all comparisons hold for v.
func (r Range) Contains(v Version) bool {
	for _, c := range r {
		d := v.Compare(c.version)
		holds := map[string]bool{"=": d == 0, "!=": d != 0, "<": d < 0, "<=": d <= 0, ">": d > 0, ">=": d >= 0}[c.op]
		if !holds {
			return false
		}
	}
	return true
}

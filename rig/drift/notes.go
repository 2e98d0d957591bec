package drift

import (
	"cmp"
	"fmt"
	"slices"
)

// notes are what a reader must know beside the comparison: other firmware is
// its point, other circumstances are not.
func notes(old, new *Side, list []situation) []string {
	a, b := &old.Inventory, &new.Inventory
	notes := []string{}
	differ := func(what, x, y string) {
		if x != y {
			notes = append(notes, fmt.Sprintf("%s: %s in OLD, %s in NEW", what, cmp.Or(x, "not named"), cmp.Or(y, "not named")))
		}
	}
	differ("device model", a.Device.Model, b.Device.Model)
	differ("app", a.App.Package, b.App.Package)
	differ("aircraft model", a.Aircraft.Model, b.Aircraft.Model)
	differ("vantage", a.Vantage, b.Vantage)
	differ("resolvers of the bench", fmt.Sprint(a.Resolvers), fmt.Sprint(b.Resolvers))
	if !slices.Equal(old.Report.Databases, new.Report.Databases) {
		notes = append(notes, "the places of OLD and NEW are from different databases: a moved country or operator may be theirs")
	}
	if baseline := func(s *Side) bool { return s.Report.Baseline != nil }; baseline(old) != baseline(new) {
		notes = append(notes, "only one of the two is judged with a system baseline: its noise may be of another party in the other")
	}
	for i, one := range [...]*Side{old, new} {
		if used := one.Report.Policy; one.Sealed != nil && one.Sealed.SHA256 != used.SHA256 {
			notes = append(notes, fmt.Sprintf("%s was sealed with another policy, %s %.12s; here it is judged by %s %.12s",
				[...]string{"OLD", "NEW"}[i], one.Sealed.Name, one.Sealed.SHA256, used.Name, used.SHA256))
		}
	}
	for _, m := range modes[:3] {
		if x, y := old.hasMode(m), new.hasMode(m); x != y {
			notes = append(notes, fmt.Sprintf("mode %s is in %s alone: nothing in it can be compared", m, map[bool]string{true: "OLD", false: "NEW"}[x]))
		}
	}
	for i := range list {
		if !list[i].Alike && len(list[i].old) > 0 && len(list[i].new) > 0 {
			notes = append(notes, "windows not alike: "+list[i].Because)
		}
	}
	return notes
}

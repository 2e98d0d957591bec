package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/policy"
)

// reservations are what makes an answer worth less than it says: a comparison
// that is none, and what hints at two recordings that were mixed up.
func reservations(old, new *Side, promises []Promise) []Reservation {
	list := []Reservation{}
	add := func(result policy.Result, text string, args ...any) {
		list = append(list, Reservation{fmt.Sprintf(text, args...), result})
	}
	a, b := &old.Inventory.Device, &new.Inventory.Device
	same := old.Report.Recording.SHA256 == new.Report.Recording.SHA256
	if same {
		add(policy.Inconclusive, "OLD and NEW are the same recording")
	}
	models := a.Model != "" && b.Model != "" && a.Model != b.Model
	if models {
		add(policy.Inconclusive, "OLD is of device model %s and NEW of %s", a.Model, b.Model)
	}
	switch {
	case same || models:
	case a.Firmware == "" && b.Firmware == "":
		add(policy.Pass, "neither names its firmware")
	case a.Firmware == "":
		add(policy.Pass, "OLD does not name its firmware")
	case b.Firmware == "":
		add(policy.Pass, "NEW does not name its firmware")
	case CompareFirmware(a.Firmware, b.Firmware) > 0:
		add(policy.Pass, "NEW's firmware %s is older than OLD's %s, as if they were the wrong way round", b.Firmware, a.Firmware)
	}
	if claims := displaced(promises); len(claims) > 0 && !slices.Equal(old.Report.Databases, new.Report.Databases) {
		add(policy.Pass, "the places of OLD and NEW are from different databases, which may be all that changed in %s", strings.Join(claims, " and "))
	}
	return list
}

// displaced lists the claims about places whose verdicts got worse.
func displaced(promises []Promise) (claims []string) {
	for i := range promises {
		p := &promises[i]
		if strings.HasPrefix(p.Claim, "GEO-") && (p.Change == Worse || p.Change == Unproven) && !slices.Contains(claims, p.Claim) {
			claims = append(claims, p.Claim)
		}
	}
	return claims
}

package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
)

// remark is a line of a table that says something beside the verdicts.
type remark struct{ Name, Text, Detail string }

// listedRow is traffic that decides nothing but is not hidden.
type listedRow struct {
	What, Endpoint, Party, Window, Count, Flow string
	Filter                                     made
}

// mostListed bounds the listed traffic.
const mostListed = 120

func (b *builder) listed() (rows []listedRow, more int) {
	list := b.c.verdict.Listed
	for _, l := range list[:min(len(list), mostListed)] {
		row := listedRow{What: l.What, Endpoint: l.Endpoint, Party: l.Party, Window: l.Window, Count: Thousands(l.Count), Filter: frameFilter(l.Frames)}
		if l.Flow != 0 {
			row.Flow = key{l.File, l.Flow}.String()
		}
		rows = append(rows, row)
	}
	return rows, len(list) - len(rows)
}

// waivers are the accepted deviations of the policy, and whether one was used.
func (b *builder) waivers() []remark {
	var list []remark
	for i := range b.c.policy.Waivers {
		w := &b.c.policy.Waivers[i]
		used := "not used in this recording"
		for j := range b.c.verdict.Verdicts {
			v := &b.c.verdict.Verdicts[j]
			if v.Waiver != nil && v.Waiver.Claim == w.Claim && v.Waiver.Endpoint == w.Endpoint && v.Waiver.Owner == w.Owner {
				used = "covers a broken promise of this recording"
			}
		}
		list = append(list, remark{w.Claim + ", " + w.Endpoint, w.Reason, fmt.Sprintf("%s, until %s; %s", w.Owner, w.Expires.UTC().Format(time.DateOnly), used)})
	}
	return list
}

// facts of the device and the bench, for the head of the page.
func (b *builder) facts() []remark {
	inv := &b.c.rec.Inventory
	list := []remark{
		{Name: "Device", Text: cmp.Or(inv.Device.Model, "not named") + labelled(", firmware ", inv.Device.Firmware), Detail: strings.TrimPrefix(labelled("serial ", inv.Device.Serial)+aircraft(&inv.Aircraft), ", ")},
		{Name: "App", Text: cmp.Or(inv.App.Package, "not named"), Detail: inv.App.Version},
	}
	when := remark{Name: "Recorded", Text: "no time known"}
	if a := b.s.axis; a.from != 0 {
		when.Text, when.Detail = day(a.from), fmt.Sprintf("%s UTC, %s", moment(a.from), lasting(time.Duration(a.length())))
	}
	traffic := fmt.Sprintf("%s, %s", plural(b.s.total.flows, "flow"), Size(b.s.total.bytes()))
	windows := plural(len(b.s.windows), "window")
	if n := b.s.unrecorded(); n > 0 {
		windows += fmt.Sprintf(", %d of them not recorded", n)
	}
	list = append(list, when, remark{Name: "Seen from", Text: cmp.Or(inv.Vantage, "not named"), Detail: resolvers(b.c)},
		remark{Name: "Traffic", Text: traffic, Detail: windows}, b.judgedBy())
	if c := b.conditions(); c.Name != "" {
		list = append(list, c)
	}
	return append(list, remark{Name: "Sealed by", Text: cmp.Or(b.sealer(), "not named"), Detail: signed(len(b.c.signed))})
}

// signed words how many signatures a bundle has.
func signed(n int) string {
	if n == 0 {
		return "not signed"
	}
	return plural(n, "signature")
}

// aircraft is what the device is linked to.
func aircraft(a *rig.Aircraft) string {
	if a.Model == "" && a.Firmware == "" {
		return ""
	}
	return ", aircraft " + strings.TrimSpace(cmp.Or(a.Model, "not named")+" "+a.Firmware)
}

// sealer is who sealed the bundle.
func (b *builder) sealer() string {
	for _, e := range b.c.custody {
		if e.Action == evidence.Sealed {
			return strings.TrimSuffix(e.By+", "+e.Role, ", ")
		}
	}
	return ""
}

func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + text
}

func resolvers(c *contents) string {
	if len(c.rec.Inventory.Resolvers) == 0 {
		return ""
	}
	list := make([]string, 0, len(c.rec.Inventory.Resolvers))
	for _, r := range c.rec.Inventory.Resolvers {
		list = append(list, r.String())
	}
	return "resolver " + strings.Join(list, ", ")
}

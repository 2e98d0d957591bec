package drift

import (
	"fmt"
	"strconv"

	"github.com/spanrig/spanrig/rig/report"
)

// bar is the payload a minute of a party in one mode: two bars of a drawing.
type bar struct {
	Title, Class, OldText, NewText string
	Y, Y2                          int
	OldW, NewW, OldEnd, NewEnd     string // lengths, one decimal
}

// volumeRow is a row of the table below it.
type volumeRow struct {
	Whose, Class, Mode, OldSent, NewSent, OldReceived, NewReceived, Recorded, Moved string
}

// Measures of the drawing, in units of its 1,000 across.
const (
	barLeft   = 260
	barRoom   = 560
	barHeight = 42
)

func (p *page) volumes(list []Volume) {
	p.Threshold = fmt.Sprintf("Payload beyond the LAN in the situations that both recordings have. It has moved where the rate of a direction changed by a factor of %d or more, and by %s or more over the time of OLD: a connection more or less moves nothing.",
		MovedFactor, report.Size(MovedBytes))
	most := 1.0
	for i := range list {
		if v := &list[i]; v.Destination == "" {
			most = max(most, rate(v.Old), rate(v.New))
		}
	}
	for i := range list {
		v := &list[i]
		row := volumeRow{Whose: v.Destination, Mode: ModeText(v.Mode), OldSent: report.Size(v.Old.Sent), NewSent: report.Size(v.New.Sent),
			OldReceived: report.Size(v.Old.Received), NewReceived: report.Size(v.New.Received), Recorded: fmt.Sprintf("%.0f s, %.0f s", v.Old.Seconds, v.New.Seconds), Moved: v.Moved}
		if v.Destination == "" {
			row.Whose, row.Class = partyText(v.Party), partyClass(v.Party)
			p.Bars = append(p.Bars, barOf(v, most, len(p.Bars)))
		}
		p.Volumes = append(p.Volumes, row)
	}
	p.BarsHeight = len(p.Bars)*barHeight + 8
}

// rate is payload a minute, bytes.
func rate(a Amount) float64 { return float64(a.Sent+a.Received) / a.Seconds * 60 }

func barOf(v *Volume, most float64, index int) bar {
	old, new := rate(v.Old)/most*barRoom, rate(v.New)/most*barRoom
	y := 6 + index*barHeight
	return bar{Title: ModeText(v.Mode) + ", " + partyText(v.Party), Class: partyClass(v.Party), OldText: rateText(v.Old), NewText: rateText(v.New),
		Y: y, Y2: y + 16, OldW: length(old), NewW: length(new), OldEnd: length(old + barLeft + 8), NewEnd: length(new + barLeft + 8)}
}

func rateText(a Amount) string { return report.Size(uint64(rate(a))) + " a minute" }

func length(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

package check

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
)

// most is how far the device's clock may be off before apps refuse certificates
// that were made today.
const most = time.Minute

// path says whether the SPAN port shows the device, and in which directions.
func (c *checked) path(r *record.Result) {
	sent, got := c.session.Seen()
	for _, i := range r.Capture.Interfaces {
		if !i.Up {
			c.find("SPAN", i.Interface+" has no link", "plug it into the mirror port, and look whether the port is enabled")
		}
	}
	switch total := frames(r); {
	case total == 0:
		c.find("SPAN", "nothing arrived in "+listen.String(), "look at the mirror session of the switch: source is the device's port, destination is the rig's")
	case sent+got == 0:
		c.find("SPAN", fmt.Sprintf("%d frames arrived, none of them the device's", total), "mirror the port behind which the device is; is its MAC address the one that the bench names (Android may use a random one)?")
	case got == 0:
		c.find("SPAN", "only what the device sends arrives", "set the mirror session to both directions (rx and tx)")
	case sent == 0:
		c.find("SPAN", "only what the device gets arrives", "set the mirror session to both directions (rx and tx)")
	default:
		c.ok("SPAN", "%d frames from the device, %d to it", sent, got)
	}
	for _, p := range r.Capture.Ports {
		if p.Problem != "" {
			c.find("SPAN", p.Name+": "+p.Problem, "give the program the capability, or change it by hand")
		}
	}
}

func frames(r *record.Result) (n uint64) {
	for _, i := range r.Capture.Interfaces {
		n += i.Recorded
	}
	return n
}

// advised is what to do where a fitness check is not met.
var advised = map[string]string{
	"CAP-1":  "see whether the target of control answers the device, and whether the SPAN port shows both directions",
	"CAP-2":  "give the ring more memory (span: ring_mb), and look at the switch's drop counters",
	"CAP-3":  "take the SIM card out and unplug every other network: the SPAN port cannot see it",
	"MODE-1": "the labels of the script do not fit the screen: run spanrig bench screens and fill them in",
	"APP-1":  "bring the app to the screen and keep the screen on",
}

// fitness says what a recording of this bench would lack.
func (c *checked) fitness(r *policy.Report) {
	for _, w := range r.Windows {
		for _, f := range w.Fitness {
			if f.OK {
				c.ok(f.Check, "%s", f.Saw)
			} else if do, known := advised[f.Check]; known {
				c.find(f.Check, f.Saw, do)
			}
		}
	}
}

// clock looks at the device's clock in the journal.
func (c *checked) clock(dir string) {
	rec, err := rig.Open(dir)
	if err != nil || rec.Journal == nil || len(rec.Journal.Clocks) == 0 {
		c.ok("clock", "the device's clock could not be read")
		return
	}
	off := time.Duration(rec.Journal.Clocks[0].DeviceMinusHost * float64(time.Second))
	text := fmt.Sprintf("the device's is %s off the host's", strings.TrimPrefix(off.Round(time.Millisecond).String(), "+"))
	if time.Duration(math.Abs(float64(off))) > most {
		c.find("clock", text, "set it: with a wrong clock an app may refuse every certificate, and say nothing at all")
		return
	}
	c.ok("clock", "%s", text)
}

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/rig/evidence"
)

// banners are what a reader has to know before the result: each with a word that
// stands for it.
func (b *builder) banners() []remark {
	list := []remark{b.otherPolicy(), b.ending()}
	if b.c.simulated {
		list = append(list, remark{Name: "Simulated.", Text: "A program played device and network in this recording: it says nothing of any product."})
	}
	if t := b.c.verdict.Trust; t != "" {
		list = append(list, remark{Name: "Trusted without controls.", Text: "The recording was judged on somebody’s word that the capture is whole: " + t})
	}
	list = append(list, b.nameless(), b.accepted())
	return slices.DeleteFunc(list, func(r remark) bool { return r.Name == "" })
}

// nameless is the banner of a recording whose inventory does not say what was
// recorded, or of a device that was found otherwise.
func (b *builder) nameless() remark {
	inv := &b.c.rec.Inventory
	var missing []string
	for _, f := range [...]struct{ what, value string }{{"model", inv.Device.Model}, {"firmware", inv.Device.Firmware}, {"app", inv.App.Package}} {
		if f.value == "" {
			missing = append(missing, f.what)
		}
	}
	text := ""
	if len(missing) > 0 {
		text = fmt.Sprintf("The recording names no %s: nobody can say of which release this page speaks.", strings.Join(missing, ", no "))
	}
	if inv.Device.Serial == "" {
		text += " No serial number was known to look for in what went out in the clear."
	}
	const guessed, none = "device guessed: ", "no host in the capture can be the device"
	for _, note := range b.c.verdict.Notes {
		switch host, found := strings.CutPrefix(note, guessed); {
		case found:
			return remark{Name: "Device guessed.", Text: "Nothing says which host is the device: " + host + ". " + text}
		case note == none:
			return remark{Name: "No device seen.", Text: "Nothing says which host is the device, and none in the capture can be. " + text}
		}
	}
	switch {
	case len(b.grounds.Devices) > 0:
		return remark{Name: "Device on somebody’s word.", Text: "Who judged the recording said that " + enumerate(b.grounds.Devices) + " is the device. " + text}
	case inv.Device.Model == "" || inv.Device.Firmware == "":
		return remark{Name: "Device not named.", Text: text}
	}
	return remark{}
}

// otherPolicy is the banner of a policy under a known name that is not the known
// policy.
func (b *builder) otherPolicy() remark {
	g := b.grounds
	if g.Standing != evidence.Altered {
		return remark{}
	}
	return remark{Name: "Another policy.", Text: fmt.Sprintf("It calls itself %s and is not the %s of the program that made this page: it was changed, or is another release’s. Read it before you rely on a verdict: %s in the bundle.", g.Policy, g.Policy, mainFile(g))}
}

// accepted is the banner of waivers that count as kept.
func (b *builder) accepted() remark {
	g := b.grounds
	if !g.AcceptWaivers || len(g.Waived) == 0 {
		return remark{}
	}
	var claims []string
	for _, w := range g.Waived {
		claims = appendNew(claims, w.Claim, len(b.c.policy.Claims)+len(checkTitles))
	}
	return remark{Name: "Waivers accepted.", Text: "Broken promises that the policy waives were not to count in the exit code: " + enumerate(claims) + ". On this page they stay broken."}
}

package report

import (
	"path"
	"strings"

	"github.com/spanrig/spanrig/rig/evidence"
)

// standings word what a policy is to the program that made the page.
var standings = map[evidence.Standing]string{
	evidence.Shipped: "as shipped with spanrig",
	evidence.Altered: "not the one of that name that spanrig ships",
	evidence.Foreign: "not one that spanrig ships",
}

// mainFile is the file in the bundle that names the policy.
func mainFile(g *evidence.Grounds) string {
	for _, f := range g.Files {
		if f.Role == evidence.Main {
			return f.Path
		}
	}
	return ""
}

// judgedBy names the policy with what was added to it.
func (b *builder) judgedBy() remark {
	g := b.grounds
	added := g.Added()
	for i := range added {
		added[i] = path.Base(added[i])
	}
	text, detail := g.Policy, standings[g.Standing]
	if len(added) > 0 {
		text += " with " + enumerate(added)
		detail = "the policy " + detail + ", " + plural(len(added), "file") + " added to it"
	}
	return remark{Name: "Judged by", Text: text, Detail: detail}
}

// conditions are what was asked for beside the policy; without a name where
// nothing was.
func (b *builder) conditions() remark {
	g := b.grounds
	var list []string
	add := func(said bool, words string) {
		if said {
			list = append(list, words)
		}
	}
	add(g.Trust != "", "trusted without controls")
	add(g.Mode != "", "mode "+g.Mode+" on somebody’s word")
	add(len(g.Allow) > 0, "switched on, on somebody’s word: "+enumerate(g.Allow))
	add(len(g.Devices) > 0, "device on somebody’s word")
	add(g.AcceptWaivers, "waivers accepted")
	add(len(g.Require) > 0, "required: "+enumerate(g.Require))
	add(g.Baseline != nil, "with a system baseline")
	if len(list) == 0 {
		return remark{}
	}
	return remark{Name: "Conditions", Text: strings.Join(list, "; ")}
}

// policyFile is a file of the policy, for the table of provenance.
type policyFile struct{ Path, Role, Sum, Shipped string }

var roles = map[evidence.Role]string{evidence.Base: "extended by the next", evidence.Main: "names the policy", evidence.Overlay: "added to it"}

func policyFiles(g *evidence.Grounds) (list []policyFile) {
	for _, f := range g.Files {
		shipped := "not as shipped with spanrig"
		if f.Shipped {
			shipped = "as shipped with spanrig"
		}
		list = append(list, policyFile{f.Path, roles[f.Role], f.SHA256, shipped})
	}
	return list
}

// asked are the flags of the judgement, for the list of provenance.
func (b *builder) asked() (list []remark) {
	g := b.grounds
	add := func(name, text string) {
		if text != "" {
			list = append(list, remark{Name: name, Text: text})
		}
	}
	add("Trusted, because", g.Trust)
	add("Mode, as told", g.Mode)
	add("Switched on, as told", enumerate(g.Allow))
	add("Device, as told", enumerate(g.Devices))
	add("Required claims", enumerate(g.Require))
	if g.AcceptWaivers {
		add("Waivers", "accepted: a waived fail was not to count in the exit code")
	}
	return list
}

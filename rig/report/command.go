package report

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
)

// longestCommand bounds a command line that a page shows, bytes.
const longestCommand = 1000

// command is a line to paste into a POSIX shell. Arguments are quoted: a name
// from a bundle stays a name.
func command(words string, arguments ...string) string {
	var b strings.Builder
	b.WriteString(words)
	for _, a := range arguments {
		b.WriteString(" " + quoted(a))
	}
	return b.String()
}

func quoted(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:+,@%=-"
	if s != "" && strings.Trim(s, plain) == "" && s[0] != '=' {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// local is the name of a file in a command, and no flag.
func local(name string) string {
	if strings.HasPrefix(name, "-") {
		return "./" + name
	}
	return name
}

// inList is a value for a flag that takes several, split at commas.
func inList(s string) string {
	if strings.ContainsAny(s, `,"`) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// judge is the command that gives the verdicts again, in the folder of the bundle,
// by what is in it; databases are not. It is empty where there is none.
func (b *builder) judge() string {
	g, m := b.grounds, b.c.manifest
	if !standsAlone(g, b.c.policy) {
		return ""
	}
	args := []string{m.Recording.Path, "--policy", mainFile(g)}
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				args = append(args, flag, v)
			}
		}
	}
	for _, name := range g.Added() {
		add("--overlay", inList(name))
	}
	add("--baseline", m.Judged.Baseline)
	add("--mode", g.Mode)
	for _, list := range [...]struct {
		flag   string
		values []string
	}{{"--allow", g.Allow}, {"--device", g.Devices}, {"--require", g.Require}} {
		for _, v := range list.values {
			add(list.flag, inList(v))
		}
	}
	add("--trust-capture", g.Trust)
	if g.AcceptWaivers {
		args = append(args, "--accept-waivers")
	}
	line := command("spanrig judge", args...)
	if len(line) > longestCommand || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "" // it would not be shown as it is
	}
	return line
}

// extends finds what a file of a policy extends.
var extends = regexp.MustCompile(`(?m)^extends:[ \t]*["']?([^"'#\s]+)`)

// standsAlone reports whether the files of a policy say all that they say where
// they stand in a bundle. One that extends another by a path does not: each is in
// a folder of its own. One that extends a policy of the program's does, where the
// bundle has the same.
func standsAlone(g *evidence.Grounds, p *policy.Policy) bool {
	for i := range p.Sources {
		content := p.Sources[i].Content
		if g.Files[i].Shipped || !bytes.Contains(content, []byte("extends")) {
			continue
		}
		found := extends.FindSubmatch(content)
		if found == nil || !slices.Contains(policy.Builtin(), string(found[1])) {
			return false
		}
		file := "/" + string(found[1]) + ".yaml"
		if !slices.ContainsFunc(g.Files, func(f evidence.GroundFile) bool { return f.Shipped && strings.HasSuffix(f.Path, file) }) {
			return false
		}
	}
	return true
}

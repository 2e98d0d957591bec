package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"mvdan.cc/sh/v3/syntax"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/sim/fault"
	"github.com/spanrig/spanrig/rig/strict"
)

// TestExamples: every command shows how it is called, and what its examples call
// is there: commands, flags, arguments, and what they name.
func TestExamples(t *testing.T) {
	var each func(c *cobra.Command)
	each = func(c *cobra.Command) {
		if c.Hidden {
			return
		}
		shown := false
		for line := range strings.Lines(c.Example) {
			calls, err := callsIn(line)
			if err != nil {
				t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
			}
			for _, args := range calls {
				called, err := understood(args)
				if err != nil {
					t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
				}
				shown = shown || called == c.CommandPath() || strings.HasPrefix(called, c.CommandPath()+" ")
			}
		}
		if !shown {
			t.Errorf("%s: no example calls it", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(newRoot(Streams{}, benchfile.Drivers{}))
}

// callsIn lists the calls of spanrig in a line for a shell.
func callsIn(line string) (calls [][]string, err error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(line), "")
	if err != nil {
		return nil, err
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 || call.Args[0].Lit() != "spanrig" {
			return true
		}
		var args []string
		for _, w := range call.Args[1:] {
			args = append(args, text(w.Parts))
		}
		calls = append(calls, args)
		return true
	})
	if len(calls) == 0 {
		return nil, errors.New("it does not call spanrig")
	}
	return calls, nil
}

// text is a word without its quotes; what the shell would put in is a file.
func text(parts []syntax.WordPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(p.Value)
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			b.WriteString(text(p.Parts))
		default:
			b.WriteString("bench.yaml")
		}
	}
	return b.String()
}

// understood returns the command that args call, or why they call none.
func understood(args []string) (string, error) {
	root := newRoot(Streams{}, benchfile.Drivers{})
	c, rest, err := root.Find(args)
	if err != nil {
		return "", err
	}
	errs := []error{c.ParseFlags(rest), c.ValidateRequiredFlags(), c.ValidateFlagGroups()}
	if c.Args != nil {
		errs = append(errs, c.Args(c, c.Flags().Args()))
	}
	c.Flags().Visit(func(f *pflag.Flag) { errs = append(errs, named(f)) })
	for _, arg := range c.Flags().Args() {
		if c.CommandPath() == "spanrig policy check" {
			errs = append(errs, shipped(arg, strict.Builtin(fixtures.Policies, "policies")))
		}
		errs = append(errs, ours(arg))
	}
	return c.CommandPath(), errors.Join(errs...)
}

// named says why the value of a flag names nothing.
func named(f *pflag.Flag) error {
	value := f.Value.String()
	switch f.Name {
	case "fault":
		_, err := fault.Find(value)
		return err
	case "plan":
		return shipped(value, strict.Builtin(fixtures.Plans, "plans"))
	case "policy":
		return shipped(value, strict.Builtin(fixtures.Policies, "policies"))
	case "mode":
		_, err := drivers.ParseMode(value)
		return err
	case "rate":
		_, err := parseRate(value)
		return err
	case "adb-server":
		return benchfile.CheckServer(value)
	}
	return ours(value)
}

// shipped takes what is built in, and files of whoever calls.
func shipped(name string, builtin []string) error {
	if strings.HasSuffix(name, ".yaml") || slices.Contains(builtin, name) {
		return nil
	}
	return fmt.Errorf("%s is neither built in (%s) nor a file", name, strings.Join(builtin, ", "))
}

// ours says which file of this repository is not there.
func ours(path string) error {
	if !strings.HasPrefix(path, "fixtures/") {
		return nil
	}
	_, err := os.Stat("../../" + path)
	return err
}

// TestNoExamples: the test above can fail.
func TestNoExamples(t *testing.T) {
	for _, line := range []string{
		"spanrig judge", "spanrig jugde x", "spanrig judge --colour x", "spanrig sim up --fault ldm-leak-tls", "spanrig record --bench x --plan nosuch",
		"spanrig judge --policy nosuch x", "spanrig record --plan quick", "spanrig judge fixtures/traces/nosuch", "spanrig record --bench x --mode quiet",
		"spanrig policy check nosuch", "spanrig record --bench x --for 0", "tshark -r x",
	} {
		calls, err := callsIn(line)
		for _, args := range calls {
			_, err = understood(args)
		}
		if err == nil {
			t.Errorf("%s passes", line)
		}
	}
}

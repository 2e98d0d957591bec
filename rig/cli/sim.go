package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/sim"
	"github.com/spanrig/spanrig/rig/sim/fault"
	"github.com/spanrig/spanrig/rig/sim/wiring"
)

func newSim(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "sim",
		Short: "A simulated bench behind real kernel interfaces",
		Long: `A simulated bench: a device and a world that do not exist, in network namespaces of
their own, with a real mirror (SPAN) port, a real adb server and real TLS and QUIC
stacks. Needs root. What it records is never a device's, and says so.`,
		Example: `  spanrig run --bench "$(spanrig sim up)" -o clean.zip
  spanrig sim down`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSimUp(s), newSimDown(s), newSimFaults(s), newSimChild(s), newSimServe(s))
	return c
}

func newSimUp(s Streams) *cobra.Command {
	c := sim.Config{}
	var scale factor
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Build a simulated bench and print its bench file",
		Example: `  spanrig sim up
  spanrig record --bench "$(spanrig sim up)"
  spanrig sim up --name b --fault leak-tls`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := wiring.CheckName(c.Name); err != nil {
				return err
			}
			wrong, err := fault.Find(cmp.Or(c.Fault, "none"))
			if err != nil {
				return &exit{exitUsage, err}
			}
			c.Scale = float64(scale)
			file, err := sim.Up(cmd.Context(), c)
			if err != nil {
				return simError(cmd.Context(), err)
			}
			fmt.Fprintln(s.Out, file)
			for name, value := range wrong.Env {
				fmt.Fprintf(s.Err, "for this fault: export %s=%s\n", name, value)
			}
			return nil
		},
	}
	simFlags(cmd, &c)
	cmd.Flags().Var(&scale, "scale", "factor for all durations of the plan (default 0.1)")
	return cmd
}

func simFlags(cmd *cobra.Command, c *sim.Config) {
	f := cmd.Flags()
	f.StringVar(&c.Name, "name", "a", "of the bench: 1 to 10 of a-z, 0-9 and '-'; several run side by side")
	f.StringVar(&c.Fault, "fault", "", "`NAME` of what the device does wrong (spanrig sim faults lists them)")
	_ = cmd.RegisterFlagCompletionFunc("fault", cobra.FixedCompletions(faultNames(), cobra.ShellCompDirectiveNoFileComp))
}

func simError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &exit{exitRig, err}
}

func newSimDown(s Streams) *cobra.Command {
	var name string
	var all bool
	c := &cobra.Command{
		Use:   "down",
		Short: "Take a simulated bench down, also after a crash",
		Example: `  spanrig sim down
  spanrig sim down --name b
  spanrig sim down --all`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := wiring.CheckName(name); err != nil {
				return err
			}
			names := []string{name}
			if all {
				var err error
				if names, err = sim.List(); err != nil {
					return &exit{exitRig, err}
				}
			}
			return simDown(c.Context(), s, names)
		},
	}
	c.Flags().StringVar(&name, "name", "a", "of the bench")
	c.Flags().BoolVar(&all, "all", false, "every simulated bench of this host")
	return c
}

// simDown takes benches down: one that stays keeps no other up.
func simDown(ctx context.Context, s Streams, names []string) error {
	var errs []error
	for _, n := range names {
		if err := sim.Down(ctx, n); err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintf(s.Err, "bench %s is down\n", n)
	}
	if err := errors.Join(errs...); err != nil {
		return simError(ctx, err)
	}
	return nil
}

func newSimFaults(s Streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "faults",
		Short: "List the faults and the verdicts that each must give",
		Example: `  spanrig sim faults
  spanrig sim faults --json | jq -r '.[] | select(.want["LDM-1"] == "fail") | .name'`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list := fault.All()
			if asJSON {
				return writeJSON(s.Out, faultLines(list))
			}
			t := newTerminal(s.Out)
			for i := range list {
				f := &list[i]
				fmt.Fprintf(s.Out, "%s  plan %s\n%s\n%s\n", t.style(bold, f.Name), f.Plan, t.wrap("  ", f.About), t.wrap("  ", wanted(f)))
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return c
}

// faultLine is a fault as JSON.
type faultLine struct {
	Name  string                   `json:"name"`
	About string                   `json:"about"`
	Plan  string                   `json:"plan"`
	Env   map[string]string        `json:"env,omitempty"`
	Want  map[string]policy.Result `json:"want"`
}

func faultLines(list []fault.Fault) []faultLine {
	lines := make([]faultLine, len(list))
	for i := range list {
		f := &list[i]
		lines[i] = faultLine{f.Name, f.About, f.Plan, f.Env, f.Want}
	}
	return lines
}

// wanted says what a fault must give, but for what passes.
func wanted(f *fault.Fault) string {
	var parts []string
	for _, result := range []policy.Result{policy.Fail, policy.Errored, policy.Inconclusive} {
		var claims []string
		for _, c := range slices.Sorted(maps.Keys(f.Want)) {
			if f.Want[c] == result {
				claims = append(claims, c)
			}
		}
		if len(claims) > 0 {
			parts = append(parts, string(result)+" "+strings.Join(claims, " "))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("all %d claims pass", len(f.Want))
	}
	return strings.Join(parts, "; ") + "; the rest passes"
}

func faultNames() []string {
	var names []string
	for _, f := range fault.All() {
		names = append(names, f.Name)
	}
	return names
}

// newSimChild is the life of a process of a bench; nobody types it.
func newSimChild(s Streams) *cobra.Command {
	return &cobra.Command{
		Use: "child world|device", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := sim.Child(c.Context(), args[0], s.In, s.Out); err != nil {
				return simError(c.Context(), err)
			}
			return nil
		},
	}
}

// newSimServe is the bench in the background that sim up starts.
func newSimServe(s Streams) *cobra.Command {
	c := sim.Config{}
	cmd := &cobra.Command{
		Use: "serve", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return sim.Serve(cmd.Context(), c, s.Out) },
	}
	simFlags(cmd, &c)
	cmd.Flags().Float64Var(&c.Scale, "scale", 0, "factor; 0: the default")
	return cmd
}

package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig/policy"
)

// policyFlags choose the policy to judge by.
type policyFlags struct {
	policy   string
	overlays []string
}

func (o *policyFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&o.policy, "policy", "dji-pilot2", "policy: built-in name or `FILE`")
	c.Flags().StringSliceVar(&o.overlays, "overlay", nil, "a lab's own endpoints and waivers: `FILE`; repeatable")
	_ = c.RegisterFlagCompletionFunc("policy", cobra.FixedCompletions(policy.Builtin(), cobra.ShellCompDirectiveDefault))
}

// files are those that the flags may name; a built-in policy is none.
func (o *policyFlags) files() []string { return append(slices.Clone(o.overlays), o.policy) }

func (o *policyFlags) load() (*policy.Policy, error) {
	p, err := policy.Load(o.policy, o.overlays...)
	if err != nil {
		return nil, &exit{exitUsage, err}
	}
	return p, nil
}

func newPolicy(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Check a policy file, or ask why an endpoint has its party",
		Example: `  spanrig policy check lab.yaml
  spanrig policy explain www.dji.com`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPolicyCheck(s), newPolicyExplain(s))
	return c
}

func newPolicyCheck(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "Lint policy files with line and column",
		Example: `  spanrig policy check lab.yaml
  spanrig policy check dji-pilot2`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			bad := false
			for _, path := range args {
				findings := policy.Lint(path)
				for _, f := range findings {
					fmt.Fprintln(s.Out, f)
					bad = true
				}
				if len(findings) == 0 {
					fmt.Fprintf(s.Out, "%s: ok\n", path)
				}
			}
			if bad {
				return &exit{code: exitUsage}
			}
			return nil
		},
	}
}

func newPolicyExplain(s Streams) *cobra.Command {
	var o policyFlags
	c := &cobra.Command{
		Use:   "explain NAME|ADDRESS...",
		Short: "Say why a name or an address has its party",
		Example: `  spanrig policy explain www.dji.com connectivitycheck.gstatic.com
  spanrig policy explain --policy lab.yaml 203.0.113.7`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := o.load()
			if err != nil {
				return err
			}
			for _, arg := range args {
				x := p.Explain(arg)
				if x.Party == "" {
					return &exit{exitUsage, fmt.Errorf("%q is %s", arg, x.Note)}
				}
				fmt.Fprintln(s.Out, x)
			}
			return nil
		},
	}
	o.register(c)
	return c
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/replay"
)

type sealFlags struct {
	judgeFlags
	out, bench, key, note string
	by                    []string
}

func newSeal(s Streams) *cobra.Command {
	var o sealFlags
	c := &cobra.Command{
		Use:   "seal RECORDING -o BUNDLE",
		Short: "Seal a recording with its verdicts",
		Long: `Judge a recording and seal it with its verdicts, and all that these follow from, into
a new bundle: a zip where its name ends in .zip, else a folder. Nothing is overwritten.

It is judged by the flags, which are those of spanrig judge; else by those of the bench
file of --bench; else as the recording's bench.json says, whose files are looked for
from here; else by the policy dji-pilot2.

It is signed with the key of --key, else of the environment (` + evidence.KeyVariable + `,
the PEM text or its Base64 part on one line); without one the bundle is not signed,
which it says. The exit code is about the sealing, not about the verdicts.`,
		Example: `  spanrig evidence seal run-2026-11-23 --key lab.key --by "Ada Lovelace, test engineer" -o run-2026-11-23.zip
  spanrig evidence seal run-2026-11-23 --geo country.mmdb --asn asn.mmdb --note "firmware 02.01.0507" -o evidence/run-2026-11-23`,
		Args:              oneRecording,
		ValidArgsFunction: completeFiles,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c, s, args[0]) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "output", "o", "", "`BUNDLE` to make; it must not exist")
	f.StringVar(&o.key, "key", "", "private key `FILE` to sign with (PEM)")
	f.StringArrayVar(&o.by, "by", nil, "`\"NAME, ROLE\"` of who seals; repeatable for witnesses")
	f.StringVar(&o.note, "note", "", "note for the custody record")
	f.StringVar(&o.bench, "bench", "", "judge as this bench `FILE` says")
	o.registerJudging(c)
	_ = c.MarkFlagRequired("output")
	return c
}

// registerJudging adds the flags of spanrig judge that say by what is judged.
func (o *judgeFlags) registerJudging(c *cobra.Command) {
	f := c.Flags()
	o.policyFlags.register(c)
	o.place.register(c)
	f.StringVar(&o.base, "baseline", "", "system baseline `FILE` made with spanrig baseline on this firmware")
	f.StringSliceVar(&o.judge.Require, "require", nil, "claims that must be judged; one that is not counts as inconclusive")
	f.BoolVar(&o.judge.AcceptWaivers, "accept-waivers", false, "count a waived fail as pass")
	f.StringVar(&o.judge.Mode, "mode", "", "mode of a bare capture: ldm, rnm or standard")
	f.StringSliceVar(&o.judge.Allow, "allow", nil, "services that are switched on in a bare capture (rnm)")
	f.StringSliceVar(&o.judge.Devices, "device", nil, "`MAC|IP` of the device in a bare capture; repeatable")
	f.StringVar(&o.judge.Trust, "trust-capture", "", "`WHY` a capture without controls may be trusted")
	_ = c.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"ldm", "rnm", "standard"}, cobra.ShellCompDirectiveNoFileComp))
}

func oneRecording(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give one RECORDING, a folder or a capture; have %d arguments", len(args))
	}
	return nil
}

func (o *sealFlags) run(c *cobra.Command, s Streams, path string) error {
	if err := apart(o.out, path); err != nil {
		return err
	}
	seal := evidence.Options{Tool: "spanrig " + version(), Note: o.note}
	var err error
	if seal.Options, err = o.choose(c, path); err != nil {
		return err
	}
	if seal.Key, err = signingKey(s, o.key); err != nil {
		return err
	}
	for _, text := range o.by {
		person, err := evidence.ParsePerson(text)
		if err != nil {
			return &exit{exitUsage, fmt.Errorf("--by: %w", err)}
		}
		seal.By = append(seal.By, person)
	}
	return o.seal(c.Context(), s, path, seal)
}

func (o *sealFlags) seal(ctx context.Context, s Streams, path string, seal evidence.Options) error {
	bar := newProgress(s.Err, "sealing "+filepath.Base(path), readSize(path))
	seal.Progress = eased(bar.update)
	report, err := evidence.Seal(ctx, path, o.out, seal)
	bar.done()
	if err != nil {
		return sealError(err)
	}
	signed := "not signed; spanrig evidence sign adds a signature"
	if seal.Key != nil {
		signed = "signed by key " + keyID(seal.Key)
	}
	t := newTerminal(s.Out)
	_, err = fmt.Fprintf(s.Out, "%s: %s\n%s\n", o.out, t.summary(report, o.judge.AcceptWaivers), signed)
	return err
}

// judging are the flags that say by what is judged beside the bench.
var judging = []string{"policy", "overlay", "geo", "asn", "ranges", "baseline"}

// choose says by what to judge: flags, else a bench, else the defaults.
func (o *sealFlags) choose(c *cobra.Command, path string) (run replay.Options, err error) {
	flagged := false
	for _, name := range judging {
		flagged = flagged || c.Flags().Changed(name)
	}
	bench := &benchfile.Bench{}
	switch {
	case flagged && o.bench != "":
		return run, &exit{exitUsage, errors.New("--bench says by what to judge, and so do other flags; leave one out")}
	case flagged:
		return o.options()
	case o.bench != "":
		bench, err = benchfile.Load(o.bench)
	default:
		bench, err = recordedBench(path)
	}
	if err != nil {
		return run, &exit{exitUsage, err}
	}
	if bench == nil {
		return o.options()
	}
	if run, err = bench.JudgeOptions(); err != nil {
		if o.bench == "" {
			err = fmt.Errorf("bench.json says by what to judge, but: %w; go where its files are, or give --bench or flags", err)
		}
		return run, &exit{exitUsage, err}
	}
	places, baseline := run.Judge.Geo, run.Judge.Baseline
	run.Judge = o.judge
	run.Judge.Geo, run.Judge.Baseline = places, baseline
	return run, nil
}

// recordedBench is the bench that a recording was made on; nil where it says none.
func recordedBench(path string) (*benchfile.Bench, error) {
	content, err := os.ReadFile(filepath.Join(path, "bench.json"))
	if err != nil {
		return nil, nil // a recording need not say; whether it is one is found out later
	}
	var b struct {
		Judge benchfile.Judge `json:"judge"`
	}
	if err := json.Unmarshal(content, &b); err != nil {
		return nil, fmt.Errorf("bench.json: %w", err)
	}
	if b.Judge.Policy == "" {
		return nil, nil
	}
	return &benchfile.Bench{Judge: b.Judge}, nil
}

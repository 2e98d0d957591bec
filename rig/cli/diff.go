package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/junit"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

type diffFlags struct {
	policyFlags
	json   bool
	junit  string
	judge  policy.Options
	bases  []string
	place  placeFlags
	loaded []*policy.Baseline
}

func newDiff(s Streams) *cobra.Command {
	var o diffFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what changed between two recordings, mostly of two firmware releases",
		Long: `Compare two recordings, judged by the same policy: promises that changed,
destinations, services, operators, countries, TLS versions and fingerprints that are
new or gone, volumes that moved; and DRIFT-1, that NEW has no destination which OLD
had not. The first line answers whether anything is worse than in the last release.

A destination is known by its registrable domain, service and operator, so neither
shard numbers nor addresses of the day are news. DRIFT-1 wants windows that are alike:
the same mode, stimulus and services, lengths within a quarter, all of them fit.

Exit code: 0 nothing worse, 1 a promise got worse or DRIFT-1 fails, 2 usage or
unreadable input, 3 inconclusive: it may be worse, 4 error of the rig, 130 interrupted.`,
		Example: `  spanrig diff run-02.01.0507 run-02.02.0100
  spanrig diff --geo country.mmdb --asn asn.mmdb --junit drift.xml run-02.01.0507 run-02.02.0100
  spanrig diff --json run-02.01.0507 run-02.02.0100 > drift.json`,
		Args:              twoFiles,
		ValidArgsFunction: completeFiles,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args[0], args[1]) },
	}
	f := c.Flags()
	o.policyFlags.register(c)
	f.BoolVar(&o.json, "json", false, "print the comparison as JSON")
	f.StringVar(&o.junit, "junit", "", "also write a JUnit `FILE`")
	o.place.register(c)
	f.StringSliceVar(&o.bases, "baseline", nil, "system baseline `FILE`; repeatable, each recording takes that of its firmware")
	f.StringSliceVar(&o.judge.Require, "require", nil, "claims that must be judged in NEW; one that is not counts as inconclusive")
	f.BoolVar(&o.judge.AcceptWaivers, "accept-waivers", false, "count a waived fail as no change in the exit code")
	f.StringVar(&o.judge.Mode, "mode", "", "mode of bare captures: ldm, rnm or standard")
	f.StringSliceVar(&o.judge.Allow, "allow", nil, "services that are switched on in bare captures (rnm)")
	f.StringSliceVar(&o.judge.Devices, "device", nil, "`MAC|IP` of the device in bare captures; repeatable")
	f.StringVar(&o.judge.Trust, "trust-capture", "", "`WHY` captures without controls may be trusted")
	_ = c.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"ldm", "rnm", "standard"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func twoFiles(_ *cobra.Command, args []string) error {
	if len(args) != 2 {
		return errors.New("give the OLD recording and the NEW one")
	}
	return nil
}

func (o *diffFlags) run(ctx context.Context, s Streams, oldPath, newPath string) error {
	run, err := o.options()
	if err != nil {
		return err
	}
	old, err := o.side(ctx, s, oldPath, run, nil)
	if err != nil {
		return err
	}
	new, err := o.side(ctx, s, newPath, run, o.judge.Require)
	if err != nil {
		return err
	}
	r := drift.Compare(run.Policy, *old, *new, drift.Options{Require: o.judge.Require})
	if o.junit != "" {
		if err := writeFile(o.junit, func(w io.Writer) error { return junit.Write(w, r.Suite(o.judge.AcceptWaivers)) }); err != nil {
			return err
		}
	}
	if err := o.print(s.Out, r); err != nil {
		return err
	}
	if code := r.Exit(o.judge.AcceptWaivers); code != exitPass {
		return &exit{code: code}
	}
	return nil
}

func (o *diffFlags) print(w io.Writer, r *drift.Report) error {
	if o.json {
		return writeJSON(w, r)
	}
	return printDrift(newTerminal(w), r)
}

// options makes what replay needs of the flags; baselines are dealt out later.
func (o *diffFlags) options() (run replay.Options, err error) {
	if run.Policy, err = o.load(); err != nil {
		return run, err
	}
	places, err := o.place.open()
	if err != nil {
		return run, err
	}
	run.Judge = o.judge
	if places != nil {
		run.Judge.Geo = places
	}
	for _, path := range o.bases {
		b, err := policy.LoadBaseline(path)
		if err != nil {
			return run, &exit{exitUsage, err}
		}
		o.loaded = append(o.loaded, b)
	}
	return run, nil
}

// side judges and surveys one of the two recordings. required are the claims
// that it must judge; a comparison decides DRIFT-1 later.
func (o *diffFlags) side(ctx context.Context, s Streams, path string, run replay.Options, required []string) (*drift.Side, error) {
	rec, err := rig.Open(path)
	if err != nil {
		return nil, judgeError(err)
	}
	if err := o.fit(rec, &run.Judge); err != nil {
		return nil, err
	}
	run.Judge.Require = slices.DeleteFunc(slices.Clone(required), func(claim string) bool { return claim == drift.Claim })
	bar := newProgress(s.Err, "judging "+path, fileSize(path))
	run.Progress = bar.update
	set, err := replay.Facts(ctx, rec, run)
	bar.done()
	if err != nil {
		return nil, judgeError(err)
	}
	report, err := policy.Evaluate(run.Policy, rec, set, run.Judge)
	if err != nil {
		return nil, judgeError(err)
	}
	survey, err := policy.Look(run.Policy, rec, set, run.Judge)
	if err != nil {
		return nil, judgeError(err)
	}
	return &drift.Side{Inventory: rec.Inventory, Report: report, Survey: survey}, nil
}

// fit takes the options of bare captures from a recording that is none, and
// gives it the baseline of its firmware.
func (o *diffFlags) fit(rec *rig.Recording, judge *policy.Options) error {
	if !rec.Bare {
		judge.Mode, judge.Allow, judge.Devices = "", nil, nil
	}
	device := rec.Inventory.Device
	var firmwares []string
	for _, b := range o.loaded {
		if b.Check(device.Model, device.Firmware) == nil {
			judge.Baseline = b
			return nil
		}
		firmwares = append(firmwares, b.Device.Model+" "+b.Device.Firmware)
	}
	if len(o.loaded) > 0 {
		return &exit{exitUsage, fmt.Errorf("%s is of %s %s, and no baseline is of that firmware (they are of %s); give one for each recording with --baseline",
			rec.Name, orNone(device.Model), orNone(device.Firmware), strings.Join(firmwares, ", "))}
	}
	return nil
}

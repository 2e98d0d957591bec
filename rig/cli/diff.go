package cli

import (
	"cmp"
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
	html   string
	judge  policy.Options
	chosen bool // --policy was given
	bases  []string
	place  placeFlags
	loaded []*policy.Baseline
}

func newDiff(s Streams) *cobra.Command {
	var o diffFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what changed between two recordings or bundles, mostly of two firmware releases",
		Long: `Compare two recordings or bundles, judged by the same policy: promises that changed,
destinations, services, operators, countries, TLS versions and fingerprints that are
new or gone, volumes that moved; and DRIFT-1, that NEW has no destination which OLD
had not. The first line answers whether anything is worse than in the last release.

Both are judged here and now: by the policy that --policy names, else by that of the
bundle (NEW's first). A bundle brings its own places and baseline where no flag does.

A destination is known by its registrable domain, service and operator, so neither
shard numbers nor addresses of the day are news. DRIFT-1 wants windows that are alike:
the same mode, stimulus and services, lengths within a quarter, all of them fit.

Exit code: 0 nothing worse, 1 a promise got worse or DRIFT-1 fails, 2 usage or
unreadable input, 3 inconclusive: it may be worse, or the two are no two releases of
one device, 4 error of the rig, 130 interrupted.`,
		Example: `  spanrig diff run-02.01.0507 run-02.02.0100
  spanrig diff --geo country.mmdb --asn asn.mmdb --junit drift.xml --html drift.html run-02.01.0507.zip run-02.02.0100.zip
  spanrig diff --json run-02.01.0507 run-02.02.0100 > drift.json`,
		Args:              twoFiles,
		ValidArgsFunction: completeFiles,
		RunE: func(c *cobra.Command, args []string) error {
			o.chosen = c.Flags().Changed("policy")
			return o.run(c.Context(), s, args[0], args[1])
		},
	}
	f := c.Flags()
	o.policyFlags.register(c)
	f.BoolVar(&o.json, "json", false, "print the comparison as JSON")
	f.StringVar(&o.junit, "junit", "", "also write a JUnit `FILE`")
	f.StringVar(&o.html, "html", "", "also write a page: `FILE`")
	o.place.register(c)
	f.StringSliceVar(&o.bases, "baseline", nil, "system baseline `FILE`; repeatable, each recording takes that of its firmware")
	f.StringSliceVar(&o.judge.Require, "require", nil, "claims that must be judged in NEW; one that is not counts as inconclusive")
	f.BoolVar(&o.judge.AcceptWaivers, "accept-waivers", false, "count a waived fail as no change")
	f.StringVar(&o.judge.Mode, "mode", "", "mode of bare captures: ldm, rnm or standard")
	f.StringSliceVar(&o.judge.Allow, "allow", nil, "services that are switched on in bare captures (rnm)")
	f.StringSliceVar(&o.judge.Devices, "device", nil, "`MAC|IP` of the device in bare captures; repeatable")
	f.StringVar(&o.judge.Trust, "trust-capture", "", "`WHY` captures without controls may be trusted")
	_ = c.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"ldm", "rnm", "standard"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func twoFiles(_ *cobra.Command, args []string) error {
	if len(args) != 2 {
		return errors.New("give two recordings or bundles: OLD and NEW")
	}
	return nil
}

func (o *diffFlags) run(ctx context.Context, s Streams, oldPath, newPath string) error {
	if err := o.mayWrite(s, oldPath, newPath); err != nil {
		return err
	}
	old, err := openSource(oldPath)
	if err != nil {
		return err
	}
	defer old.Close()
	new, err := openSource(newPath)
	if err != nil {
		return err
	}
	defer new.Close()
	p, places, err := o.ground(old, new)
	if err != nil {
		return err
	}
	r, err := o.compare(ctx, s, p, places, old, new)
	if err != nil {
		return err
	}
	if o.junit != "" {
		if err := writeFile(o.junit, func(w io.Writer) error { return junit.Write(w, r.Suite()) }); err != nil {
			return err
		}
	}
	if o.html != "" {
		if err := writeFile(o.html, r.WritePage); err != nil {
			return err
		}
	}
	if err := o.print(s.Out, r); err != nil {
		return err
	}
	if code := r.Exit(); code != exitPass {
		return &exit{code: code}
	}
	return nil
}

// mayWrite says why a result may not be written where the flags say.
func (o *diffFlags) mayWrite(s Streams, paths ...string) error {
	if o.junit != "" && o.junit == o.html {
		return &exit{exitUsage, errors.New("--junit and --html name one file; name two")}
	}
	inputs := slices.Concat(paths, o.policyFlags.files(), o.place.files(), o.bases)
	for _, path := range []string{o.junit, o.html} {
		if path == "" {
			continue
		}
		if err := s.mayWrite(path, inputs...); err != nil {
			return err
		}
	}
	return nil
}

func (o *diffFlags) compare(ctx context.Context, s Streams, p *policy.Policy, places policy.Locator, old, new *source) (*drift.Report, error) {
	var sides [2]*drift.Side
	for i, one := range [...]*source{old, new} {
		run := replay.Options{Policy: p}
		var err error
		if run.Judge, err = o.judging(one, places); err != nil {
			return nil, err
		}
		if one == new {
			run.Judge.Require = slices.DeleteFunc(slices.Clone(o.judge.Require), func(claim string) bool { return claim == drift.Claim })
		}
		bar := newProgress(s.Err, "judging "+one.path, one.bytes)
		run.Progress = bar.update
		sides[i], err = one.side(ctx, run)
		bar.done()
		if err != nil {
			return nil, err
		}
	}
	return drift.Compare(p, *sides[0], *sides[1], drift.Options{Require: o.judge.Require, AcceptWaivers: o.judge.AcceptWaivers}), nil
}

func (o *diffFlags) print(w io.Writer, r *drift.Report) error {
	if o.json {
		return writeJSON(w, r)
	}
	return printDrift(newTerminal(w), r)
}

// ground is by what both are judged: the policy that the flags name, else that
// of the bundle, NEW's before OLD's; and the databases that the flags name.
func (o *diffFlags) ground(old, new *source) (p *policy.Policy, places policy.Locator, err error) {
	switch {
	case o.chosen || len(o.overlays) > 0, old.bundle == nil && new.bundle == nil:
		p, err = o.load()
	case new.bundle != nil:
		p = new.sealed.Policy
	default:
		p = old.sealed.Policy
	}
	if err != nil {
		return nil, nil, err
	}
	set, err := o.place.open()
	if err != nil {
		return nil, nil, err
	}
	if set != nil {
		places = set
	}
	for _, path := range o.bases {
		b, err := policy.LoadBaseline(path)
		if err != nil {
			return nil, nil, &exit{exitUsage, err}
		}
		o.loaded = append(o.loaded, b)
	}
	return p, places, nil
}

// judging are the options of one of the two: what the flags say, else what its
// bundle was judged by. Those of bare captures are for these alone.
func (o *diffFlags) judging(s *source, places policy.Locator) (policy.Options, error) {
	j := s.sealed.Judge
	j.Require, j.AcceptWaivers = nil, o.judge.AcceptWaivers
	if places != nil {
		j.Geo = places
	}
	if s.rec.Bare {
		j.Mode = cmp.Or(o.judge.Mode, j.Mode)
		if len(o.judge.Allow) > 0 {
			j.Allow = o.judge.Allow
		}
	}
	if len(o.judge.Devices) > 0 && len(s.rec.Inventory.Device.MACs) == 0 {
		j.Devices = o.judge.Devices
	}
	j.Trust = cmp.Or(o.judge.Trust, j.Trust)
	err := o.baseline(s.rec, &j)
	return j, err
}

// baseline gives a recording the baseline of its firmware.
func (o *diffFlags) baseline(rec *rig.Recording, judge *policy.Options) error {
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

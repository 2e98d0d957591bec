package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

type baselineFlags struct {
	policyFlags
	out     string
	devices []string
}

func newBaseline(s Streams) *cobra.Command {
	var o baselineFlags
	c := &cobra.Command{
		Use:   "baseline RECORDING... -o FILE",
		Short: "Make a system baseline from recordings with the app stopped",
		Long: `Make a system baseline: the destinations that the device contacts with the app
stopped. It is bound to the device's model and firmware; spanrig judge --baseline
refuses it for another. First-party destinations are never in it. Record for as
long as you can (24 hours is good), with the app force-stopped or disabled.`,
		Example: `  spanrig baseline idle-night-1 idle-night-2 -o rc-pro-02.01.0507.json
  spanrig judge --baseline rc-pro-02.01.0507.json run-2026-11-23`,
		Args:              someFiles,
		ValidArgsFunction: completeFiles,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	o.policyFlags.register(c)
	c.Flags().StringVarP(&o.out, "output", "o", "", "`FILE` to write; it must not exist")
	c.Flags().StringSliceVar(&o.devices, "device", nil, "`MAC|IP` of the device in a bare capture; repeatable")
	_ = c.MarkFlagRequired("output")
	return c
}

func (o *baselineFlags) run(ctx context.Context, s Streams, paths []string) error {
	if err := apart(o.out, paths...); err != nil {
		return err
	}
	p, err := o.load()
	if err != nil {
		return err
	}
	run := replay.Options{Policy: p, Judge: policy.Options{Devices: o.devices}}
	var b policy.Baseline
	for _, path := range paths {
		rec, err := rig.Open(path)
		if err != nil {
			return judgeError(notBundle(path, err))
		}
		bar := newProgress(s.Err, "reading "+rec.Name, fileSize(path))
		run.Progress = bar.update
		set, err := replay.Facts(ctx, rec, run)
		bar.done()
		if err != nil {
			return judgeError(notBundle(path, err))
		}
		if set.Summary.Fault != nil {
			return &exit{exitUsage, fmt.Errorf("%s is damaged (%w); a baseline needs whole recordings", rec.Name, set.Summary.Fault)}
		}
		refused, err := b.Add(p, rec, set, run.Judge)
		if err != nil {
			return judgeError(err)
		}
		if len(refused) > 0 {
			fmt.Fprintf(s.Err, "%s: left out, for a first-party endpoint is never system noise: %s; was the app stopped?\n",
				rec.Name, printable(strings.Join(refused, ", ")))
		}
	}
	if err := b.Save(o.out); err != nil {
		return &exit{exitUsage, err}
	}
	fmt.Fprintf(s.Out, "%s: %d destinations of %s %s in %.0f s of %d recordings\n", o.out, len(b.Destinations),
		orNone(b.Device.Model), orNone(b.Device.Firmware), b.Seconds, len(b.Recordings))
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "(unknown)"
	}
	return printable(s)
}

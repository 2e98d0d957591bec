package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/junit"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

type judgeFlags struct {
	policyFlags
	json  bool
	junit string
	judge policy.Options
	base  string
	place placeFlags
}

func newJudge(s Streams) *cobra.Command {
	var o judgeFlags
	c := &cobra.Command{
		Use:   "judge RECORDING|PCAP...",
		Short: "Judge recordings claim by claim",
		Long: `Judge recordings against the claims of a policy. A recording is a folder with its
capture, windows, inventory and journal; a bare pcap or pcapng has no proof that the
sensor worked, so it can fail a claim but never pass one that says "no" (see
--trust-capture). Several recordings give one matrix, firmware by claim.

Exit code: 0 pass, 1 fail, 2 usage or unreadable input, 3 inconclusive or nothing
judged, 4 error of the rig, 130 interrupted. The worst decides.`,
		Example: `  spanrig judge fixtures/traces/clean-ldm
  spanrig judge --json run-2026-11-23 > verdicts.json
  spanrig judge --policy lab.yaml --geo country.mmdb --asn asn.mmdb --junit verdicts.xml run-*
  spanrig judge --mode ldm --device 02:00:00:00:00:01 capture.pcapng
  spanrig judge --mode ldm --trust-capture "tap checked by hand, log 17" capture.pcapng`,
		Args:              someFiles,
		ValidArgsFunction: completeFiles,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args) },
	}
	f := c.Flags()
	o.policyFlags.register(c)
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	f.StringVar(&o.junit, "junit", "", "also write a JUnit `FILE`")
	o.place.register(c)
	f.StringVar(&o.base, "baseline", "", "system baseline `FILE` made with spanrig baseline on this firmware")
	f.StringSliceVar(&o.judge.Require, "require", nil, "claims that must be judged; one that is not counts as inconclusive")
	f.BoolVar(&o.judge.AcceptWaivers, "accept-waivers", false, "count a waived fail as pass in the exit code")
	f.StringVar(&o.judge.Mode, "mode", "", "mode of a bare capture: ldm, rnm or standard")
	f.StringSliceVar(&o.judge.Allow, "allow", nil, "services that are switched on in a bare capture (rnm)")
	f.StringSliceVar(&o.judge.Devices, "device", nil, "`MAC|IP` of the device in a bare capture; repeatable")
	f.StringVar(&o.judge.Trust, "trust-capture", "", "`WHY` a capture without controls may be trusted")
	_ = c.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"ldm", "rnm", "standard"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func someFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("give one RECORDING or PCAP, or several")
	}
	return nil
}

func (o *judgeFlags) run(ctx context.Context, s Streams, paths []string) error {
	if o.junit != "" {
		if err := s.mayWrite(o.junit, o.inputs(paths)...); err != nil {
			return err
		}
	}
	run, err := o.options()
	if err != nil {
		return err
	}
	var reports []*policy.Report
	var subjects []subject
	unread := 0
	for _, path := range paths {
		bar := newProgress(s.Err, "judging "+path, fileSize(path))
		run.Progress = bar.update
		var report *policy.Report
		rec, err := rig.Open(path)
		if err == nil {
			report, err = replay.Judge(ctx, rec, run)
		}
		bar.done()
		switch changed := errors.Is(err, rig.ErrChanged); {
		case err == nil:
		case !changed && (len(paths) == 1 || ctx.Err() != nil || misused(err)):
			return unreadable(notBundle(path, err))
		default: // an error of this recording alone
			if err = notBundle(path, err); !changed {
				unread++
			}
			fmt.Fprintf(s.Err, "spanrig judge: %s\n", oneLine(unreadable(err)))
			report = policy.Broken(run.Policy, filepath.Base(filepath.Clean(path)), withoutPath(err))
		}
		reports = append(reports, report)
		subjects = append(subjects, subjectOf(rec))
	}
	if o.junit != "" {
		if err := writeFile(o.junit, func(w io.Writer) error { return junit.Write(w, o.suites(reports)...) }); err != nil {
			return err
		}
	}
	if err := o.print(s.Out, reports, subjects); err != nil {
		return err
	}
	code := worstExit(reports, o.judge.AcceptWaivers)
	if unread > 0 {
		code = exitUsage // whatever the others say
	}
	if code != exitPass {
		return &exit{code: code}
	}
	return nil
}

// misused reports whether the flags are at fault, and not a recording.
func misused(err error) bool {
	return errors.Is(err, policy.ErrUsage) || errors.Is(err, policy.ErrOtherFirmware)
}

// withoutPath is an error as it may stand in a result, which names no path of
// this machine.
func withoutPath(err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return fmt.Errorf("it cannot be read: %w", file.Err)
	}
	return err
}

// inputs are the paths that are read.
func (o *judgeFlags) inputs(paths []string) []string {
	return slices.Concat(paths, o.policyFlags.files(), o.place.files(), []string{o.base})
}

func (o *judgeFlags) suites(reports []*policy.Report) []junit.Suite {
	suites := make([]junit.Suite, len(reports))
	for i, r := range reports {
		suites[i] = junit.FromReport(r, o.judge.AcceptWaivers)
	}
	return suites
}

func (o *judgeFlags) print(w io.Writer, reports []*policy.Report, subjects []subject) error {
	t := newTerminal(w)
	switch {
	case o.json && len(reports) == 1:
		return writeJSON(w, reports[0])
	case o.json:
		return writeJSON(w, struct {
			Schema  int              `json:"schema"`
			Result  policy.Result    `json:"result"`
			Reports []*policy.Report `json:"reports"`
		}{1, worst(reports), reports})
	case len(reports) == 1:
		return printReport(t, reports[0], o.judge.AcceptWaivers)
	}
	return printMatrix(t, reports, subjects)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(v)
}

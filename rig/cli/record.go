package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/plan"
	"github.com/spanrig/spanrig/rig/record"
)

type recordFlags struct {
	bench, out, plan, mode string
	length                 period
	json                   bool
}

func newRecord(s Streams, own benchfile.Drivers) *cobra.Command {
	var o recordFlags
	c := &cobra.Command{
		Use:   "record --bench FILE",
		Short: "Drive a bench through its plan and leave a recording",
		Long: `Drive the device of a bench through the modes of a plan, record its traffic from the
mirror (SPAN) port with proof that the sensor was alive, and leave a recording: a
folder that spanrig judge judges again, to the same bytes.

The verdicts of the live run are printed; the exit code is about the recording: 0
where it is whole, 4 where the rig or the device failed (the reason is said, and in
the journal), 130 where it was interrupted. Ctrl-C closes what there is, a second one
ends it at once.`,
		Example: `  spanrig record --bench rc-01.yaml
  spanrig record --bench rc-01.yaml --plan full -o night-2026-11-26
  spanrig record --bench rc-01.yaml --mode ldm --for 10m
  spanrig record --bench rc-01.yaml --json > live.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), s, own) },
	}
	o.register(c)
	c.Flags().BoolVar(&o.json, "json", false, "print the verdicts of the live run as JSON, as spanrig judge --json prints them")
	return c
}

func (o *recordFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.bench, "bench", "", "bench `FILE`")
	f.StringVarP(&o.out, "output", "o", "", "`FOLDER` for the recording; it must not exist, or be empty (default NAME-DATE-TIME)")
	f.StringVar(&o.plan, "plan", "", "plan: built-in name or `FILE`, instead of the bench's")
	f.StringVar(&o.mode, "mode", "", "record one window of this mode between two short standard ones: ldm, rnm or standard")
	f.Var(&o.length, "for", "length of that window, such as 10m, which no timing of the bench scales (default 1m, scaled)")
	_ = c.MarkFlagRequired("bench")
	_ = c.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"ldm", "rnm", "standard"}, cobra.ShellCompDirectiveNoFileComp))
}

func (o *recordFlags) run(ctx context.Context, s Streams, own benchfile.Drivers) error {
	result, failed := o.record(ctx, s, own)
	if result == nil {
		return failed
	}
	if err := o.print(s.Out, result); err != nil {
		return err
	}
	return recorded(s.Err, result, failed)
}

// record drives the bench. A result beside an error is of what there is: of a run
// that was interrupted, or that could not be judged and has no report.
func (o *recordFlags) record(ctx context.Context, s Streams, own benchfile.Drivers) (*record.Result, error) {
	bench, begin, windows, err := o.load(own)
	if err != nil {
		return nil, &exit{exitUsage, err}
	}
	if o.out == "" {
		o.out = fmt.Sprintf("%s-%s", bench.Name, time.Now().UTC().Format("20060102-150405"))
	}
	view := newView(s.Err, bench.Name)
	tools := benchfile.Tools{Reason: "spanrig record", Out: view}
	if person(s.In) || bench.Device.Operator {
		tools.In = view.answers(s.In)
	}
	cfg, err := record.Of(bench, own, tools, o.out, "spanrig "+version())
	if err != nil {
		return nil, &exit{exitUsage, err}
	}
	if err := recordingFolder(o.out); err != nil {
		return nil, &exit{exitUsage, err}
	}
	cfg.View, cfg.Begin = view.show, begin
	result, err := record.Run(ctx, cfg, windows)
	view.done()
	switch {
	case ctx.Err() != nil:
		return result, cmp.Or(err, context.Cause(ctx))
	case err != nil:
		return result, &exit{exitRig, err}
	}
	return result, nil
}

// loadBench reads a bench file of which this program has all drivers.
func loadBench(path string, own benchfile.Drivers) (*benchfile.Bench, error) {
	b, err := benchfile.Load(path)
	if err == nil {
		err = own.Check(b)
	}
	return b, err
}

// recordingFolder makes the folder of a recording, where nothing may be yet.
func recordingFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	var entries []os.DirEntry
	if err == nil {
		entries, err = os.ReadDir(dir)
	}
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty", dir)
	}
	if err != nil {
		return fmt.Errorf("%w; name a new folder for the recording with -o", err)
	}
	return nil
}

// load reads bench and plan.
func (o *recordFlags) load(own benchfile.Drivers) (bench *benchfile.Bench, begin string, windows []plan.Window, err error) {
	if bench, err = loadBench(o.bench, own); err != nil {
		return nil, "", nil, err
	}
	p, err := o.choose(bench)
	if err != nil {
		return nil, "", nil, err
	}
	windows, err = record.Windows(bench, p)
	return bench, p.Begin, windows, err
}

func (o *recordFlags) choose(b *benchfile.Bench) (*plan.Plan, error) {
	switch {
	case o.mode == "" && o.length != 0:
		return nil, errors.New("--for is the length of the window of --mode; name a mode too")
	case o.mode != "" && o.plan != "":
		return nil, errors.New("--mode records one window and --plan a list; leave one out")
	case o.mode != "":
		mode, err := drivers.ParseMode(o.mode)
		if err != nil {
			return nil, err
		}
		return plan.Single(mode, time.Duration(o.length)), nil
	case o.plan != "":
		return plan.Load(o.plan)
	}
	return plan.Load(b.PlanName())
}

// person reports whether somebody sits at the input.
func person(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && isTerminal(f)
}

func (o *recordFlags) print(w io.Writer, r *record.Result) error {
	if r.Report == nil {
		return nil
	}
	if o.json {
		return writeJSON(w, r.Report)
	}
	return printReport(newTerminal(w), r.Report, false)
}

// recorded says what became of a recording, for which record gave failed, and
// gives the exit code.
func recorded(w io.Writer, r *record.Result, failed error) error {
	for _, p := range r.Problems {
		fmt.Fprintf(w, "problem: %s\n", printable(oneLine(p)))
	}
	for _, skip := range r.Skipped {
		fmt.Fprintln(w, printable(oneLine(errors.New(skip.String()))))
	}
	if r.Report == nil && failed != nil {
		fmt.Fprintf(w, "not judged: %s\n", printable(oneLine(failed)))
	}
	fmt.Fprintf(w, "recording: %s\n", r.Dir)
	var told *exit
	switch {
	case errors.As(failed, &told):
		return &exit{code: told.code}
	case failed != nil:
		return failed // interrupted
	case len(r.Problems)+len(r.Skipped) > 0:
		return &exit{code: exitRig}
	}
	return nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
	"github.com/spanrig/spanrig/rig/report"
)

type runFlags struct {
	recordFlags
	key, note string
	by        []string
}

func newRun(s Streams, own benchfile.Drivers) *cobra.Command {
	var o runFlags
	c := &cobra.Command{
		Use:   "run --bench FILE",
		Short: "Record, judge, seal and report in one go: the one command of a lab",
		Long: `Record the bench's plan, judge it, seal recording and verdicts into a bundle, and make
the page. Beside BUNDLE, which is a zip where its name ends in .zip, stand the
recording (BUNDLE without .zip, with -recording) and the page (with .html).

The bundle is signed with the key of --key, else of the environment (` + evidence.KeyVariable + `);
without one it is not signed, which it says.

Exit code: that of the verdicts: 0 pass, 1 fail, 3 inconclusive or nothing judged, 4
error of the rig, 130 interrupted. The worst of fail, error, inconclusive, pass decides.`,
		Example: `  spanrig run --bench rc-01.yaml
  spanrig run --bench rc-01.yaml --plan full --key lab.key --by "Ada Lovelace, test engineer" -o rc-01-02.01.0507.zip`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), s, own) },
	}
	o.register(c)
	f := c.Flags()
	f.Lookup("output").Usage = "`BUNDLE` to make; it must not exist (default NAME-DATE-TIME.zip)"
	f.StringVar(&o.key, "key", "", "private key `FILE` to sign with (PEM)")
	f.StringArrayVar(&o.by, "by", nil, "`\"NAME, ROLE\"` of who runs it; repeatable for witnesses")
	f.StringVar(&o.note, "note", "", "note for the custody record")
	return c
}

func (o *runFlags) run(ctx context.Context, s Streams, own benchfile.Drivers) error {
	bench, err := loadBench(o.bench, own)
	if err != nil {
		return &exit{exitUsage, err}
	}
	seal, err := o.sealing(s, bench)
	if err != nil {
		return err
	}
	bundle := o.out
	if bundle == "" {
		bundle = fmt.Sprintf("%s-%s.zip", bench.Name, time.Now().UTC().Format("20060102-150405"))
	}
	stem := strings.TrimSuffix(bundle, ".zip")
	page := stem + ".html"
	for _, path := range []string{bundle, page} {
		if _, err := os.Lstat(path); err == nil {
			return &exit{exitUsage, fmt.Errorf("%s exists already; name another bundle with -o", path)}
		}
	}
	if err := apart(bundle); err != nil {
		return err
	}
	o.out = stem + "-recording"
	result, failed := o.record(ctx, s, own)
	if result == nil {
		return failed
	}
	told := recorded(s.Err, result, failed)
	seal.Facts = result.Facts
	// What there is is sealed, also of a run that was interrupted.
	if err := o.close(context.WithoutCancel(ctx), s, bundle, page, seal); err != nil {
		if ctx.Err() != nil { // else it is said in the end
			fmt.Fprintf(s.Err, "not sealed: %s\n", printable(oneLine(err)))
		}
		return err
	}
	if err := o.print(s.Out, result); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "bundle: %s\npage: %s\n", bundle, page)
	return verdict(told, result)
}

// sealing says by what to judge and who signs, before an hour is spent.
func (o *runFlags) sealing(s Streams, bench *benchfile.Bench) (seal evidence.Options, err error) {
	seal = evidence.Options{Tool: "spanrig " + version(), Note: o.note}
	if seal.Options, err = bench.JudgeOptions(); err != nil {
		return seal, &exit{exitUsage, err}
	}
	if seal.Key, err = signingKey(s, o.key); err != nil {
		return seal, err
	}
	for _, text := range o.by {
		person, err := evidence.ParsePerson(text)
		if err != nil {
			return seal, &exit{exitUsage, fmt.Errorf("--by: %w", err)}
		}
		seal.By = append(seal.By, person)
	}
	return seal, nil
}

// close seals the recording and makes the page.
func (o *runFlags) close(ctx context.Context, s Streams, bundle, page string, seal evidence.Options) error {
	bar := newProgress(s.Err, "sealing "+filepath.Base(bundle), fileSize(o.out))
	seal.Progress = eased(bar.update)
	_, err := evidence.Seal(ctx, o.out, bundle, seal)
	bar.done()
	if err != nil {
		return sealError(err)
	}
	b, err := evidence.Open(bundle)
	if err != nil {
		return bundleError(err)
	}
	defer b.Close()
	return writePage(page, func(w io.Writer) error { return report.Write(w, b, filepath.Base(bundle)) })
}

// verdict is the exit code of a run: the worst of its verdicts and of what went
// wrong with the rig.
func verdict(rig error, r *record.Result) error {
	if r.Report == nil {
		return rig // which says why
	}
	code := worstExit([]*policy.Report{r.Report}, false)
	var e *exit
	switch {
	case rig != nil && !errors.As(rig, &e):
		return rig // interrupted
	case e != nil && exitWeight[e.code] > exitWeight[code]:
		code = e.code
	}
	if code == exitPass {
		return nil
	}
	return &exit{code: code}
}

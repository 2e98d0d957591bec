package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/report"
)

func newReport(s Streams) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "report BUNDLE -o FILE.html",
		Short: "Make one self-contained page from an evidence bundle",
		Long: `Make a page from an evidence bundle: the promises with their verdicts, a timeline,
destinations, the fitness of the capture, screenshots, and for each verdict the flows
and frames that decided it with the filter to paste into Wireshark.

The page is one HTML file that loads nothing and runs nothing. It says what stands in
the bundle and no more; spanrig evidence verify says whether the bundle is true. No page
is made of a bundle that was changed since it was sealed: exit code 4.`,
		Example: `  spanrig report night-2026-11-26.zip -o night-2026-11-26.html
  spanrig report night-2026-11-26.zip -o - | gzip > page.html.gz`,
		Args:              oneBundle,
		ValidArgsFunction: completeFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := evidence.Open(args[0])
			if err != nil {
				return bundleError(err)
			}
			defer b.Close()
			abs, err := filepath.Abs(args[0]) // "." has no name of its own
			if err != nil {
				return unreadable(err)
			}
			write := func(w io.Writer) error { return report.Write(w, b, filepath.Base(abs)) }
			if out == "-" {
				return bundleError(write(s.Out))
			}
			if err := s.mayWrite(out, args[0]); err != nil {
				return err
			}
			return writePage(out, write)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "`FILE` for the page, - for standard output")
	_ = c.MarkFlagRequired("output")
	return c
}

func oneBundle(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give one BUNDLE, a folder or zip that spanrig evidence seal made; have %d arguments", len(args))
	}
	return nil
}

// writePage writes the page to a file. A fault of the bundle leaves no file
// behind.
func writePage(path string, write func(io.Writer) error) error {
	var failed error
	err := writeFile(path, func(w io.Writer) error {
		failed = write(w)
		return failed
	})
	if failed != nil {
		return bundleError(failed)
	}
	return err
}

// bundleError gives an error of a bundle its exit code: what is not as it was
// sealed, or as anything is sealed, is an error of its own, all else is input that
// cannot be read.
func bundleError(err error) error {
	var differs *evidence.Difference
	var file *rig.FileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &differs), errors.As(err, &file), errors.Is(err, rig.ErrChanged):
		return &exit{exitRig, err}
	}
	return unreadable(err)
}

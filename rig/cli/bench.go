package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/manual"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/check"
	"github.com/spanrig/spanrig/rig/record"
)

func newBench(s Streams, own benchfile.Drivers) *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Find, check and qualify benches",
		Example: `  spanrig bench discover
  spanrig bench check rc-01.yaml && spanrig bench check --plant rc-01.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newBenchCheck(s, own), newBenchDiscover(s), newBenchScreens(s, own), newBenchQualify(s))
	return c
}

func newBenchCheck(s Streams, own benchfile.Drivers) *cobra.Command {
	var plant bool
	c := &cobra.Command{
		Use:   "check FILE",
		Short: "See whether a bench works before a night is spent on it",
		Long: `See whether every device of the bench answers, the mirror (SPAN) port shows a control
in both directions, clocks agree and there is room on the disk. Each finding says
what to do. Nothing on the device is changed that is not put back.

--plant is the negative control: one forbidden flow is sent from the device, to a
first-party name of the policy, and has to be seen to fail.

Exit code: 0 where nothing was found, 4 with findings.`,
		Example: `  spanrig bench check rc-01.yaml
  spanrig bench check --plant rc-01.yaml`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeFiles,
		RunE: func(c *cobra.Command, args []string) error {
			return checkBench(c.Context(), s, own, args[0], plant)
		},
	}
	c.Flags().BoolVar(&plant, "plant", false, "send one forbidden flow from the device and see it fail")
	return c
}

func checkBench(ctx context.Context, s Streams, own benchfile.Drivers, path string, plant bool) error {
	b, err := loadBench(path, own)
	if err != nil {
		return &exit{exitUsage, err}
	}
	tools := benchfile.Tools{Reason: "spanrig bench check", Out: s.Err}
	if person(s.In) || b.Device.Operator {
		tools.In = s.In
	}
	t := newTerminal(s.Out)
	found, err := check.Bench(ctx, b, check.Options{Drivers: own, Tools: tools, Tool: "spanrig " + version(), Plant: plant, Tell: tellBeside(s.Err), Show: func(l check.Line) {
		text := printable(l.String())
		if !l.OK {
			text = t.style(red, text)
		}
		fmt.Fprintln(s.Out, text)
	}})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &exit{exitRig, err}
	case found > 0:
		fmt.Fprintf(s.Out, "%d findings\n", found)
		return &exit{code: exitRig}
	}
	fmt.Fprintln(s.Out, "the bench is ready")
	return nil
}

// tellBeside says what a person should know, beside the results.
func tellBeside(w io.Writer) func(string) {
	return func(text string) { fmt.Fprintln(w, printable(text)) }
}

func newBenchDiscover(s Streams) *cobra.Command {
	var server string
	c := &cobra.Command{
		Use:   "discover",
		Short: "List what is plugged into this host as lines of a bench file",
		Example: `  spanrig bench discover
  spanrig bench discover --adb-server 127.0.0.1:15037`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := benchfile.CheckServer(server); err != nil {
				return &exit{exitUsage, fmt.Errorf("--adb-server: %w", err)}
			}
			return check.Discover(c.Context(), s.Out, server)
		},
	}
	c.Flags().StringVar(&server, "adb-server", "", "`HOST:PORT` of the adb server (default 127.0.0.1:5037)")
	return c
}

func newBenchScreens(s Streams, own benchfile.Drivers) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "screens FILE -o FOLDER",
		Short: "Dump the screens of a controller, to fill in a mode script",
		Long: `Dump the screens of a real controller: go to a screen by hand, press Enter, and its
picture, its hierarchy and ready-made selectors (resource ids, labels, switches) are
kept. An empty answer takes the screen that is there; q ends.`,
		Example:           `  spanrig bench screens rc-01.yaml -o screens`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeFiles,
		RunE: func(c *cobra.Command, args []string) error {
			return dumpScreens(c.Context(), s, own, args[0], out)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "`FOLDER` for the screens; made where it is not there")
	_ = c.MarkFlagRequired("output")
	return c
}

// surveyor is a controller that can list what is on the screen.
type surveyor interface {
	Survey(ctx context.Context, dir, stem string) (selectors, files []string, err error)
}

func dumpScreens(ctx context.Context, s Streams, own benchfile.Drivers, path, out string) error {
	b, err := loadBench(path, own)
	if err != nil {
		return &exit{exitUsage, err}
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return &exit{exitUsage, err}
	}
	e, err := b.Open(ctx, own, benchfile.Tools{Reason: "spanrig bench screens", Note: func(kind string, keys map[string]any) {
		if text := record.Notice(kind, keys); text != "" {
			tellBeside(s.Err)(text)
		}
	}})
	if err != nil {
		return &exit{exitRig, err}
	}
	defer e.Close()
	eyes, ok := e.Controller.(surveyor)
	if !ok {
		return &exit{exitUsage, errors.New("this bench has no adb, so nothing can read the screen; take photos")}
	}
	ask := manual.Ask(s.In, s.Err)
	for n := 1; ; n++ {
		answer, err := ask(ctx, "go to a screen, give it a name and press Enter (q ends):")
		switch {
		case answer == "q" || errors.Is(err, manual.ErrNobody):
			return nil
		case err != nil:
			return err
		}
		stem := fmt.Sprintf("%02d", n)
		if name := strings.Map(safe, answer); name != "" {
			stem += "-" + name
		}
		selectors, files, err := eyes.Survey(ctx, out, stem)
		if errors.Is(err, drivers.ErrLost) || ctx.Err() != nil {
			return &exit{exitRig, err}
		}
		if err != nil {
			fmt.Fprintln(s.Err, oneLine(err))
			continue
		}
		fmt.Fprintf(s.Out, "# %s\n", strings.Join(files, ", "))
		for _, l := range selectors {
			fmt.Fprintln(s.Out, printable(l))
		}
	}
}

// safe keeps the characters of a name that every file system takes.
func safe(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		return r
	case r == ' ':
		return '-'
	}
	return -1
}

func newBenchQualify(s Streams) *cobra.Command {
	var load check.Load
	var rate string
	length := period(10 * time.Second)
	c := &cobra.Command{
		Use:   "qualify FILE --from INTERFACE",
		Short: "Measure once what the SPAN path loses at the device's highest rate",
		Long: `Qualify the SPAN path once: numbered frames go from an interface of this host through
the switch to the device at a rate, and those that the mirror port shows are counted
(in the manner of RFC 2544). The certificate is left beside the bench file, as
BENCH.span.json. Exit code: 0 where no frame was lost, else 4.`,
		Example:           `  spanrig bench qualify rc-01.yaml --from enp4s0 --rate 100M --for 30s`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeFiles,
		RunE: func(c *cobra.Command, args []string) error {
			load.For = time.Duration(length)
			return qualify(c.Context(), s, args[0], load, rate)
		},
	}
	f := c.Flags()
	f.StringVar(&load.From, "from", "", "`INTERFACE` of this host to send from: on a port of the switch, not the mirror's")
	f.StringVar(&load.Target, "to", "", "`MAC` address behind the mirrored port (default the device's, as the bench names it)")
	f.StringVar(&rate, "rate", "100M", "`BITS` a second on the wire: 100M, 1G")
	f.Var(&length, "for", "how long to send")
	_ = c.MarkFlagRequired("from")
	return c
}

func qualify(ctx context.Context, s Streams, path string, load check.Load, rate string) error {
	b, err := benchfile.Load(path)
	if err == nil {
		load.BitsPerSecond, err = parseRate(rate)
	}
	if err == nil {
		err = load.Check(b)
	}
	if err != nil {
		return &exit{exitUsage, err}
	}
	cert, err := check.Qualify(ctx, b, load, "spanrig "+version())
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &exit{exitRig, err}
	}
	fmt.Fprintf(s.Out, "%s\ncertificate: %s\n", cert.Because, filepath.Base(check.CertificatePath(b)))
	if !cert.Passed {
		return &exit{code: exitRig}
	}
	return nil
}

// parseRate reads bits a second: 100M, 1.5G, 64k.
func parseRate(s string) (int64, error) {
	units := map[byte]float64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'G': 1e9}
	number, factor := s, 1.0
	if n := len(s); n > 0 && units[s[n-1]] != 0 {
		number, factor = s[:n-1], units[s[n-1]]
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || !(f > 0) || f*factor > 400e9 || f*factor < 1 {
		return 0, fmt.Errorf("--rate %s: say bits a second such as 100M or 1G", s)
	}
	return int64(f * factor), nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig/benchfile"
)

// Streams are the standard streams of the process, or a test's.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes, contract section 2.
const (
	exitPass        = 0
	exitUsage       = 2 // also configuration, and input that cannot be read at all
	exitRig         = 4 // error of the rig, stale recording, hashes that do not match
	exitInterrupted = 130
)

// exit is an error with its code; a nil err exits silently, for the result
// itself was the message.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// Main runs the command line and returns the exit code. It never calls os.Exit.
// own are the drivers of a lab's own.
func Main(ctx context.Context, args []string, s Streams, own benchfile.Drivers) int {
	root := newRoot(s, own)
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	called, err := root.ExecuteContextC(ctx)
	var e *exit
	switch {
	case err == nil:
		return exitPass
	case ctx.Err() != nil:
		fmt.Fprintln(s.Err, called.CommandPath()+": interrupted")
		return exitInterrupted
	case errors.As(err, &e) && e.err == nil:
		return e.code
	}
	fmt.Fprintf(s.Err, "%s: %s\n", called.CommandPath(), oneLine(err))
	if errors.As(err, &e) {
		return e.code
	}
	return exitUsage
}

// oneLine keeps an error on one line: a message is read in logs.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}

func newRoot(s Streams, own benchfile.Drivers) *cobra.Command {
	root := &cobra.Command{
		Use:   "spanrig",
		Short: "Judge what a device says on the network, claim by claim",
		Long: `spanrig judges recordings of a device's traffic against the promises of its maker.
Each verdict is pass, fail, inconclusive or error, and points to the flows and
frames that decided it, to be opened in Wireshark.`,
		Example: `  spanrig judge fixtures/traces/clean-ldm
  spanrig flows capture.pcapng
  spanrig policy explain --policy dji-pilot2 www.dji.com`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.AddCommand(newFlows(s), newJudge(s), newRun(s, own), newRecord(s, own), newBench(s, own), newSim(s), newBaseline(s), newPolicy(s), newEvidence(s), newDiff(s), newReport(s))
	return root
}

// release is set by the linker where the program is built from sources that have
// no version control beside them, as an archive of a release has none:
//
//	go build -ldflags "-X github.com/spanrig/spanrig/rig/cli.release=v1.2.3" ./rig/cmd/spanrig
var release string

// version names this build in all that it makes: as it was told by the linker,
// else by what the module system knows.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// completeFiles lets the shell complete file names after a flag or argument.
func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// unreadable is the error of an input that cannot be read at all.
func unreadable(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return &exit{exitUsage, fmt.Errorf("%w; check the path", err)}
	}
	return &exit{exitUsage, err}
}

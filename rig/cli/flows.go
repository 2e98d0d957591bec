package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig/report"
)

type flowsFlags struct {
	json   bool
	policy string
	place  placeFlags
}

func newFlows(s Streams) *cobra.Command {
	var o flowsFlags
	c := &cobra.Command{
		Use:   "flows FILE",
		Short: "Show the flows of a capture with their names and forms",
		Long: `Show the flows of a pcap or pcapng capture (plain, gzip or zstd): who opened it,
what went each way, how it ended, under which name, and in which form.
Flows come in the order of their last frame; ID is the number of the first frame.
FILE may be - for standard input.`,
		Example: `  spanrig flows capture.pcapng
  spanrig flows --json capture.pcapng.zst | jq -r 'select(.tls.sni) | .tls.sni' | sort | uniq -c
  tcpdump -i eth0 -w - | spanrig flows -
  spanrig flows --policy dji-pilot2 --geo country.mmdb --asn asn.mmdb capture.pcapng`,
		Args:              oneFile,
		ValidArgsFunction: completeFiles,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args[0]) },
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	c.Flags().StringVar(&o.policy, "policy", "", "add the party by this policy, built-in name or `FILE`")
	o.place.register(c)
	return c
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give one capture FILE, or - for standard input; have %d arguments", len(args))
	}
	return nil
}

func (o *flowsFlags) run(ctx context.Context, s Streams, path string) (err error) {
	attribute, err := o.attributor()
	if err != nil {
		return err
	}
	src, err := open(s, path)
	if err != nil {
		return unreadable(notBundle(path, err))
	}
	defer src.close()
	tune()
	bar := newProgress(s.Err, src.name, fileSize(path))
	out := bufio.NewWriterSize(s.Out, 1<<20)
	line := flowTable(newTerminal(s.Out), out, attribute, o.policy != "")
	if o.json {
		line = flowJSON(out, attribute)
	}
	p := newPrinter(line)
	summary, err := fact.Stream(ctx, src, flow.Config{Progress: bar.update}, p.add)
	bar.done()
	if werr := p.close(); err == nil {
		err = werr
	}
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return &exit{exitRig, fmt.Errorf("write flows: %w", err)}
	}
	remark(s.Err, src.name, &summary)
	return nil
}

// tune trades memory for time: the live heap is small (a fifth of the limit on
// the benchmark's capture), so collecting less often saves a tenth of the run,
// and the limit keeps the whole below 200 MB. GOGC and GOMEMLIMIT go before it.
func tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(160 << 20)
	}
}

// input is an open capture.
type input struct {
	captures.Source
	name  string
	close func() error
}

// open opens a capture; "-" is the standard input of the streams.
func open(s Streams, path string) (*input, error) {
	if path == "-" {
		r, err := pcapfile.NewReader(s.In, pcapfile.Options{Name: "stdin"})
		return &input{r, "stdin", func() error { return nil }}, err
	}
	f, err := pcapfile.Open(path)
	if err != nil {
		return nil, err
	}
	return &input{f, f.Name(), f.Close}, nil
}

func fileSize(path string) int64 {
	compressed := strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".zst")
	info, err := os.Stat(path)
	if err != nil || compressed {
		return 0
	}
	return info.Size()
}

// remark says on stderr what a reader of the flows must know of the capture.
func remark(w io.Writer, name string, sum *flow.Summary) {
	if sum.Fault != nil {
		fmt.Fprintf(w, "%s: damaged: %s at byte %d; what comes before it was read\n", name, sum.Fault.What, sum.Fault.Offset)
	}
	types := make([]captures.LinkType, 0, len(sum.Packets.UnlinkedTypes))
	for t := range sum.Packets.UnlinkedTypes {
		types = append(types, t)
	}
	slices.Sort(types)
	for _, t := range types {
		fmt.Fprintf(w, "%s: skipped %s frames of link type %d, which is not known here\n", name, report.Thousands(sum.Packets.UnlinkedTypes[t]), t)
	}
	if n := sum.Packets.Malformed; n > 0 {
		fmt.Fprintf(w, "%s: %s frames are shorter or other than their headers say and are in no flow\n", name, report.Thousands(n))
	}
	if n := sum.Source.Cut; n > 0 {
		fmt.Fprintf(w, "%s: %s frames were cut by the snap length\n", name, report.Thousands(n))
	}
	for _, i := range sum.Source.Interfaces {
		if i.Dropped > 0 {
			fmt.Fprintf(w, "%s: the capture says that interface %s dropped %s frames\n", name, printable(i.Name), report.Thousands(i.Dropped))
		}
	}
}

// printer encodes facts in a goroutine of its own, so that assembling goes on.
type printer struct {
	batch []*fact.Fact
	full  chan []*fact.Fact
	done  chan error
}

const printBatch = 512

func newPrinter(line func(*fact.Fact) error) *printer {
	p := &printer{full: make(chan []*fact.Fact, 4), done: make(chan error, 1)}
	go func() {
		var err error
		for batch := range p.full {
			for _, f := range batch {
				if err == nil {
					err = line(f)
				}
			}
		}
		p.done <- err
	}()
	return p
}

func (p *printer) add(f *fact.Fact) {
	if p.batch = append(p.batch, f); len(p.batch) == printBatch {
		p.full <- p.batch
		p.batch = make([]*fact.Fact, 0, printBatch)
	}
}

func (p *printer) close() error {
	p.full <- p.batch
	close(p.full)
	return <-p.done
}

func flowJSON(w *bufio.Writer, attribute attributor) func(*fact.Fact) error {
	var e fact.Encoder
	return func(f *fact.Fact) error {
		_, err := w.Write(e.Append(w.AvailableBuffer(), f, attribute(f)))
		return err
	}
}

// Command benchrecord records interfaces with captures/span and nothing else,
// to be measured beside other recorders. It says "recording" on stderr when no
// frame can be missed any more, ends with SIGINT or SIGTERM, and prints one
// line of JSON: frames, drops, and what the flow facts were where they were asked for.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/span"
)

// result is what is printed.
type result struct {
	Frames   uint64 `json:"frames"`
	Received uint64 `json:"received"`
	Dropped  uint64 `json:"dropped"`
	Freezes  uint64 `json:"freezes"`
	Late     uint64 `json:"late"`
	Bytes    int64  `json:"bytes"`
	Facts    uint64 `json:"facts"`
	Seen     uint64 `json:"seen"` // frames that the facts are made of
}

func main() {
	interfaces := flag.String("i", "", "interfaces, with commas")
	dir := flag.String("dir", ".", "empty folder for the capture")
	hashes := flag.Bool("hashes", true, "digest what is written")
	facts := flag.Bool("facts", false, "compute flow facts live")
	flag.Parse()
	c := span.Config{Interfaces: strings.Split(*interfaces, ","), Dir: *dir, NoHashes: !*hashes, Application: "benchrecord"}
	if err := run(c, *facts); err != nil {
		fmt.Fprintln(os.Stderr, "benchrecord:", err)
		os.Exit(1)
	}
}

func run(c span.Config, facts bool) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	r, err := span.Start(ctx, c)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "recording")
	var out result
	if facts {
		src := r.Source(context.Background())
		_, err := fact.Stream(context.Background(), src, flow.Config{}, func(*fact.Fact) { out.Facts++ })
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		out.Seen = src.Stats().Frames
	}
	<-r.Done()
	s, err := r.Stop()
	if err != nil {
		return err
	}
	for _, f := range s.Files {
		out.Frames += f.Frames
		out.Bytes += f.Bytes
	}
	for _, i := range s.Interfaces {
		out.Received += i.Received
		out.Dropped += i.Lost()
		out.Freezes += i.Freezes
	}
	out.Late = s.Late
	return json.NewEncoder(os.Stdout).Encode(out)
}

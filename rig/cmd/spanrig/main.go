// Command spanrig records and judges what a device says on the network. A lab
// that has drivers of its own copies this file and names them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/cli"
	"github.com/spanrig/spanrig/rig/sim"
)

// own are the drivers of this program beside those that every bench knows.
var own = benchfile.Drivers{
	Powers: map[string]func(context.Context, *benchfile.Bench, benchfile.Power, benchfile.Tools) (drivers.Power, error){"sim": sim.Power},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, own)
	stop()
	os.Exit(code)
}

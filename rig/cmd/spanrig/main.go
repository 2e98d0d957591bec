// Command spanrig records and judges what a device says on the network. A lab
// that has drivers of its own copies this file and names them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spanrig/spanrig/rig/cli"
	"github.com/spanrig/spanrig/rig/sim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends what does not listen to the first
	code := cli.Main(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, sim.Drivers)
	stop()
	os.Exit(code)
}

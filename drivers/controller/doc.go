// Package controller drives the remote controller under test through the
// screens of its app: a [Script], which is data, says how a mode is entered and
// read, how services are switched and what stimulates them; a drivers.Bridge
// does it.
//
//	c, err := controller.New(controller.Config{Bridge: device, Script: script, Note: note})
//	about, err := c.Inspect(ctx)
//	err = c.Prepare(ctx) // what it changes on the device, Close puts back
//	reading, err := c.SetMode(ctx, drivers.LocalData)
//	err = c.Stimulate(ctx, controller.Tour)
//	err = c.Close(ctx)
//
// Every transition is detected, done and read back, at most twice. One that
// fails makes the controller broken until its recovery ladder (reconnect,
// force-stop, reboot, USB port, power) has verified success. A mode that the
// screen does not show is an answer, drivers.Unknown, and breaks nothing.
//
// Each step goes to the journal through a drivers.Note: kinds step, service,
// changed, restored and recover. The step "set mode" alone has the key mode,
// and comes before anything of its transition is touched. What is typed from
// the environment is in no note, error or file; a picture of the screen is as it is.
//
// Readings and proofs may run beside each other and beside a stimulus; the
// screen is one caller's at a time. A proof says from which socket it was sent
// as the device's own tables show it, for the device's nc and ping choose by themselves.
package controller

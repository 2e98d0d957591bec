// Package controller drives the remote controller under test through the
// screens of its app: a [Script], which is data, says how a mode is entered and
// read, how services are switched and what stimulates them; a drivers.Bridge
// does it.
//
// Every transition is detected, planned, done and read back. One that fails
// makes the controller broken until its recovery ladder (reconnect, force-stop,
// reboot, USB port cycle, power) has verified success. What it does and changes
// goes to the journal through a drivers.Note, secrets left out, and Close puts
// back what it changed.
package controller

// Package manual is a controller whose hands and eyes are a person: it says
// what to press, asks what the screen shows, and writes the same journal as
// package controller, with the operator as the witness. It is for devices whose
// firmware keeps adb closed; every bench can run so.
//
//	c, err := manual.New(manual.Config{Script: script, In: os.Stdin, Out: os.Stderr})
//
// What to press is derived from the same [controller.Script]; pauses, and
// powers that the bench has, are the rig's own. A question waits until its
// context ends, an answer that cannot be understood is asked again, and "cannot
// tell" is an answer. Where the answers end, the operator is lost, as a cable
// would be: drivers.ErrLost. The device sends no control itself: let the rig ping it.
package manual

// Package record drives a bench through a plan and leaves a recording: the
// folder of contract section 7.
//
// [Start] arms the recorder, reads the device and begins the journal;
// [Session.Record] brings the device into a mode, reads it back, gives the
// stimulus and cuts one window, while controls prove that the sensor is alive;
// [Session.Close] puts everything back, finishes the files and judges what was
// recorded. [Run] does all of it for a plan.
//
// The files are true at every moment: a rig that is killed leaves a recording
// that opens, says where it ends, and is unfit after that. Facts are computed
// live from the bytes that have been written, behind a watermark that no cut
// can overtake, so that the verdicts of the live run and those of a replay come
// from the same frames.
//
// A device that is lost is a [*Problem] of the rig, never a verdict on the product.
package record

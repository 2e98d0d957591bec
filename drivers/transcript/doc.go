// Package transcript writes down a bridge's dialogue with a device, and plays
// it back without the device: so a lab can send what its controller answers,
// and a test holds to it.
//
//	rec, err := transcript.NewRecorder(bridge, file, transcript.Header{Device: "RC Pro, firmware 02.00.0407"})
//	out, err := rec.Run(ctx, "getprop") // as the bridge does, and a line in the file
//
//	player, err := transcript.NewPlayer(file) // a bridge that has those answers
//
// A transcript is JSON lines: a header, then a line a call in the order in
// which they ended. Text that is no UTF-8 is in base64, so no byte is lost.
// What is secret (a password, a serial number) is named to the recorder and
// stands as *** in the file; name the same to the player, which then finds the
// calls again. Read a transcript before you give it away: it holds what the
// device said.
package transcript

// Package duml speaks DJI's serial protocol, DUML version 1, as far as a rig
// may: it identifies modules and reads what the sticks and keys do.
//
// Call [New] with a console and then [Client.Version], [Client.Identify] or
// [Client.Watch]. Every frame that goes out passes one gate, which knows a
// short list ([Allowed]) and refuses all else with [ErrRefused]: this protocol
// also flashes firmware, switches radio power and flies. Take the props off all
// the same.
//
// A frame (little endian):
//
//	55           start
//	length       10 bits, of the whole frame, and version, 6 bits
//	CRC-8        of these three: reflected polynomial 8C, seed 77
//	sender, receiver   type (5 bits) and index (3 bits) each
//	sequence     2 bytes
//	type         bit 7 response, bits 5-6 acknowledgement, bits 0-2 encryption
//	set, id      the command
//	payload
//	CRC-16       of all before: reflected polynomial 8408, seed 3692
//
// [Decoder] finds frames in a stream, counts what is none, and holds at most
// one frame. [Endpoint] is the device's side, for simulators and tests.
//
// What is known of the protocol comes from those who read it off devices:
// o-gs/dji-firmware-tools (frames, commands, version answer) and
// snglth/rc-monitor (the 17-byte push, said to be the same for all remote
// controllers since RM510). None of it is documented by the maker, and no
// firmware of the Enterprise line has been seen to answer by us.
package duml

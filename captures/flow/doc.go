// Package flow assembles packets into flows: who opened it, what was sent each
// way, how it ended, and what its head says.
//
// Call Assemble with a captures.Source and an Observer. Flows come out when
// nothing more of them is expected, in the order of their last frame, so that
// memory depends on the flows that are open and not on the length of the
// capture.
//
// A flow is the packets between two endpoints: addresses and ports, of the
// innermost packet, in both directions. ICMP requests and their answers are
// told apart by the echo number, ICMP errors by type and code. It ends after a
// silence (Config.Idle), or where a SYN with another number opens the next
// connection on the same ports.
//
// The road inside: decode (frames to packets, in a goroutine of its own), table
// (packets to entries), tcp and loss (states, sequence numbers), reader and
// stream (bytes in order, for package dissect), tally (what was sent between
// which cuts). An entry becomes a Flow when it is handed over.
package flow

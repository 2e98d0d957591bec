// Package generator sends numbered frames at a known rate, to qualify the path
// to a mirror (SPAN) port once, in the manner of RFC 2544 section 26.3.
//
// [Send] is all: Ethernet, IPv4 and UDP between the addresses that the caller
// gives, in a mix of sizes, from an interface of the rig through the switch.
// Each frame carries the run, its number and when it was sent (see [PayloadLen]);
// package captures/qualify counts in a capture what arrived.
//
// Sizes are those of RFC 2544: they include the frame check sequence that the
// card adds, so 64 is the smallest frame of Ethernet. A rate in bits counts
// what the wire carries, preamble and gap included. The generator never sends
// faster; where the machine cannot keep up it sends less, and the [Report] says
// so. It needs CAP_NET_RAW.
package generator

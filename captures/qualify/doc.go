// Package qualify counts what of numbered frames arrived in a capture: the one-off
// qualification of the path to a mirror (SPAN) port, in the manner of RFC 2544
// section 26.3 and RFC 4737.
//
// [Count] reads a capture in which a generator's frames are, on their own or in
// the encapsulation of a remote mirror. What identifies a frame stands right
// behind the UDP header, numbers in network order:
//
//	0   2  "SQ"
//	2   4  the run
//	6   4  the number of the frame, from 0
//	10  8  when it was sent, ns since the Unix epoch, by the sender's clock
//
// drivers/generator sends them; a test holds both together.
package qualify

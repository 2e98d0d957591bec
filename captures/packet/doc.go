// Package packet turns frames into packets: it walks the link layer, tags and
// tunnels down to the innermost IP packet and its transport header, puts IP
// fragments together and recognises mirror duplicates.
//
// Make one [Decoder] a capture and hand it every frame in order; call its Flush
// now and then for the fragments that wait in vain. [ParseND] reads what IPv6
// hosts say of their addresses. A Decoder is not safe for concurrent use.
//
// What a packet is:
//   - A tunnel is opened where its inside can be read; else the outer packet
//     stands. An ICMP error is itself, not what it quotes.
//   - Lengths are those of the IP header: padding, trailers and check sequences
//     are no payload. What the snap length cut is missing from Payload, not
//     from PayloadLen. Checksums are not looked at.
//   - Where fragments overlap, the first copy of a byte counts.
//   - A mirror duplicate is the same IP packet, but for TTL or hop limit and
//     header checksum, within 2 ms of the copy before; tags and tunnels may
//     differ. Clocks may run back by as much. Frames without a time have none.
//
// No frame makes a Decoder panic, and its memory is bounded by about 10 MiB.
package packet

// Package captures holds the words of the eyes: Frame, Source, Stats, Fault.
//
// Everything below this package looks at traffic and never sends a byte. The
// data flows one way:
//
//	span       mirror (SPAN) ports -> bytes of files that grow
//	pcapfile   bytes of a file     -> captures.Frame
//	packet     captures.Frame      -> packet.Packet  (links, tags, tunnels, fragments, duplicates)
//	flow       packet.Packet       -> flow.Flow      (conversations, reassembled and dissected)
//	fact       flow.Flow           -> fact.Fact      (names, forms, contacts by window)
//
// dissect holds the pure functions that read application protocols, qualify
// counts the frames of a generator, synth builds frames for tests and for the
// simulator.
//
// Times are int64 nanoseconds since the Unix epoch, UTC. Frame numbers are
// 1-based, as in Wireshark.
package captures

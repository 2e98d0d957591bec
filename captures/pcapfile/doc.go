// Package pcapfile reads and writes capture files.
//
// [Open] is the way in: it takes pcap and pcapng, plain, gzip or zstd, by
// their first bytes and never by the name. [OpenAll] reads the several files
// of one recording as one source. [Writer] writes pcapng with nanoseconds.
// [Blocks] and [Rewrite] work on pcapng blocks, for what no verdict needs but
// a copy has to keep.
//
// The promise is strictness: a capture ends with io.EOF only between two
// records. Everything else is a *captures.Fault, with the offset of the first
// byte that was not read, and every frame before it has been delivered. What
// other readers accept is accepted: a captured length above the snapshot
// length or above the length on the wire, fractions of a second of a second or
// more, lengths in the old order.
//
// Memory is bounded by [MaxRecord] for each batch in use, and by a window of
// 128 MiB for zstd, whatever the file says about itself. Files are read with read, never mapped: a file that is cut
// while it is read is a fault, not a signal.
//
// Times are nanoseconds since the Unix epoch, rounded down; offsets are bytes
// of the decompressed file. Formats: draft-ietf-opsawg-pcap (pcap) and
// draft-ietf-opsawg-pcapng (pcapng).
package pcapfile

// Package pcapfile reads and writes pcap and pcapng capture files.
//
// The reader is strict: damage is a *captures.Fault with its offset and never
// looks like a clean end. It reads pcap in micro- and nanoseconds, both byte
// orders, and the modified magic; pcapng with several sections and interfaces;
// plain, gzip and zstd. Sources: pcapng, draft-ietf-opsawg-pcapng; pcap,
// draft-ietf-opsawg-pcap.
package pcapfile

// Package synth builds frames and whole recordings, for the simulator and for
// tests. Nothing in it was ever on a wire, and each recording says so.
//
// Three layers, each usable alone:
//
//   - bytes: [Ethernet], [IP], [UDP], [TCP], [ClientHello], [DNSMessage], ...
//     are pure functions from values to bytes;
//   - conversations: a [Talk] is a TCP connection or a UDP exchange that numbers
//     and acknowledges its segments and keeps its own clock;
//   - recordings: [New] gives a clean bench with a device on it; Standard, LDM
//     and RNM append windows, and [Recording.Save] writes the folder.
//
// The same script gives the same bytes on every run and machine: there is no
// clock and no randomness, only counters and digests of them. Addresses
// are documentation addresses (RFC 5737, RFC 3849), but for the device's own
// LAN in 10.20.0.0/24. Checksums are right and every frame dissects without
// complaint in Wireshark.
//
// synth writes inventory.json, windows.json and journal.jsonl by itself, from
// the contract: it is a second implementation of the format, against which
// package rig is held.
package synth

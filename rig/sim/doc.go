// Package sim is the place of the simulated device and world behind real kernel
// interfaces. So far it holds one command, clients: real programs (curl, openssl,
// Go, quic-go, Chromium) talk to servers of our own between network namespaces,
// and record.sh keeps what went over the wire.
package sim

// Package dissect reads application protocols: TLS, DTLS, QUIC, DNS, HTTP and
// what else a device may speak, so that "encrypted", "cleartext" and "unknown"
// are decided from bytes and never from ports alone.
//
// Start with a Conversation: give it the payload of one flow, in order, and
// read its Facts. The parsers below it are pure functions, one file a
// protocol; each returns a value or an error, never both, and keeps no
// reference to its input.
package dissect

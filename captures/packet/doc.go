// Package packet turns frames into packets: it walks the link layer, tags and
// tunnels down to the innermost IP packet and its transport header, puts IP
// fragments together and recognises mirror duplicates.
//
// Make one Decoder a capture and hand it every frame in order. A Decoder is
// not safe for concurrent use.
package packet

package packet

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"time"
)

// duplicateWindow is how far the copies of a mirrored packet may be apart.
const duplicateWindow = int64(2 * time.Millisecond)

const (
	recentBits = 12
	recentWays = 4
)

// recent remembers the digests of the last packets, to tell mirror duplicates:
// SPAN ports that mirror ingress and egress, or several VLANs, deliver a packet
// more than once.
//
// Digests are keyed at random, so that no traffic can be made up that hides
// behind an innocent packet. The set they are kept in depends on the packet
// alone, so that results are the same in every run. A set fills a cache line;
// all of them hold 16,384 packets, what a 10 Gb/s link carries in 2 ms when
// packets have 150 bytes.
type recent struct {
	seed maphash.Seed
	keys [6]uint64
	sets [][recentWays]mark
}

type mark struct {
	digest uint64
	time   int64
}

func newRecent() recent {
	r := recent{seed: maphash.MakeSeed(), sets: make([][recentWays]mark, 1<<recentBits)}
	for i := range r.keys {
		r.keys[i] = rand.Uint64()
	}
	return r
}

// seen remembers an IP packet, and tells whether it came within
// duplicateWindow of a copy of itself. Packets without a time have no copies.
func (r *recent) seen(ip view, at int64) bool {
	if at == 0 {
		return false
	}
	var digest, spread uint64
	size := 20
	if ip.b[0]>>4 == 6 {
		size = 40
		digest, spread = r.header6(ip)
	} else {
		digest, spread = r.header4(ip)
	}
	body := ip.b[size:]
	set := &r.sets[place(spread, body)]
	newest := set[0] // asked for early: the line comes while the digest is made
	digest ^= maphash.Bytes(r.seed, body)
	for i := range set {
		m := &set[i]
		if m.digest == digest && uint64(at-m.time+duplicateWindow) <= uint64(2*duplicateWindow) {
			m.time = at
			return true
		}
	}
	set[3], set[2], set[1] = set[2], set[1], newest
	set[0] = mark{digest, at}
	return false
}

// header4 covers the length on the wire and the fixed part of an IPv4 header,
// without what routers and mirrors change: TTL and header checksum. spread is
// a weak digest of what differs most between packets.
func (r *recent) header4(ip view) (digest, spread uint64) {
	b, k := ip.b[:20], &r.keys
	first := be64(b)
	second := be64(b[8:]) &^ 0xff00_ffff_0000_0000
	destination := uint64(be32(b[16:]))
	return fold(first^k[0], second^k[1]) ^ fold(destination^k[2], uint64(ip.wire)^k[3]), first ^ destination<<24
}

// header6 is header4 for IPv6, whose hop limit changes.
func (r *recent) header6(ip view) (digest, spread uint64) {
	b, k := ip.b[:40], &r.keys
	first := be64(b) &^ 0xff
	digest = fold(first^k[0], be64(b[8:])^k[1]) ^
		fold(be64(b[16:])^k[2], be64(b[24:])^k[3]) ^
		fold(be64(b[32:])^k[4], uint64(ip.wire)^k[5])
	return digest, first ^ be64(b[32:])<<24
}

// place is the set of a packet: by what its header spreads, and by ports,
// sequence numbers and checksums.
func place(spread uint64, body []byte) uint64 {
	const golden = 0x9e3779b97f4a7c15
	if len(body) >= 16 {
		spread = (spread^be64(body))*golden ^ bits.RotateLeft64(be64(body[8:]), 32)
	} else if len(body) >= 8 {
		spread ^= be64(body)
	}
	return spread * golden >> (64 - recentBits)
}

// fold multiplies to 128 bits and folds them.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

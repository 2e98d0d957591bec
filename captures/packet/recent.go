package packet

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"time"
)

// duplicateWindow is how far the copies of a mirrored packet may be apart.
const duplicateWindow = int64(2 * time.Millisecond)

const (
	recentBits = 13
	recentWays = 4
)

// recent remembers the digests of the last packets, to tell mirror duplicates:
// SPAN ports that mirror ingress and egress, or several VLANs, deliver a packet
// more than once.
//
// Digests are keyed at random, so that no traffic can be made up that hides
// behind an innocent packet. The set they are kept in depends on the packet
// alone, so that results are the same in every run. A set holds a cache line:
// up to 32,768 packets in 2 ms, more than a 10 Gb/s link carries.
type recent struct {
	seed maphash.Seed
	sets [][recentWays]mark
}

type mark struct {
	digest uint64
	time   int64
}

func newRecent() recent {
	return recent{seed: maphash.MakeSeed(), sets: make([][recentWays]mark, 1<<recentBits)}
}

// seen remembers an IP packet, and tells whether it came within
// duplicateWindow of a copy of itself. Packets without a time have no copies.
func (r *recent) seen(ip view, at int64) bool {
	if at == 0 {
		return false
	}
	set := &r.sets[spread(ip.b)>>(64-recentBits)]
	digest := r.digest(ip)
	for i := range set {
		m := &set[i]
		if m.digest == digest && uint64(at-m.time+duplicateWindow) <= uint64(2*duplicateWindow) {
			m.time = at
			return true
		}
	}
	set[3], set[2], set[1] = set[2], set[1], set[0]
	set[0] = mark{digest, at}
	return false
}

// digest covers length and bytes of the packet, but not what routers and
// mirrors change: TTL or hop limit, and the header checksum.
func (r *recent) digest(ip view) uint64 {
	var head [40]byte
	n := 20
	if ip.b[0]>>4 == 6 {
		n = 40
		copy(head[:], ip.b[:40])
		head[7] = 0
	} else {
		copy(head[:], ip.b[:20])
		head[8], head[10], head[11] = 0, 0, 0
	}
	h := maphash.Bytes(r.seed, head[:n])
	body := maphash.Bytes(r.seed, ip.b[n:])
	return h ^ bits.RotateLeft64(body, 29) + uint64(ip.wire)
}

// spread is a weak digest of the bytes that differ most between packets: IPv4
// identification, lengths, ports, sequence numbers, checksums.
func spread(b []byte) uint64 {
	const golden = 0x9e3779b97f4a7c15
	n, sum := 20, uint64(0)
	if b[0]>>4 == 6 {
		n = 40
	} else {
		sum = uint64(binary.BigEndian.Uint32(b[4:]))
	}
	sum ^= binary.BigEndian.Uint64(b[12:])
	if len(b) >= n+16 {
		sum = (sum ^ binary.BigEndian.Uint64(b[n:])) * golden
		sum ^= bits.RotateLeft64(binary.BigEndian.Uint64(b[n+8:]), 32)
	} else if len(b) >= n+8 {
		sum = (sum ^ binary.BigEndian.Uint64(b[n:])) * golden
	}
	return sum * golden
}

package flow

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"github.com/spanrig/spanrig/captures/packet"
)

// key tells flows apart. Its ends are in canonical order, so that both
// directions of a flow have the same key. Without pointers, and made of words,
// it is quick to hash and to compare.
type key struct {
	low, high end
	rest      uint64 // port of low, of high, ICMP echo number: 16 bits each; protocol: 8; IP version
}

// end is an address as two big-endian halves.
type end struct{ hi, lo uint64 }

func endOf(a *[16]byte) end {
	return end{binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(a[8:])}
}

func (a end) after(b end) bool { return a.hi > b.hi || a.hi == b.hi && a.lo > b.lo }

// side is one end of a key.
type side uint8

const (
	low  side = 0
	high side = 1
)

const v6Bit = 1

// keyOf returns the key of the flow of p, and the side that sent p.
func keyOf(p *packet.Packet) (key, side) {
	src, dst := endOf(&p.Src), endOf(&p.Dst)
	srcPort, dstPort, rest := p.SrcPort, p.DstPort, uint64(p.Proto)<<8
	if p.V6 {
		rest |= v6Bit
	}
	if p.Proto == packet.ICMP || p.Proto == packet.ICMPv6 {
		srcPort, dstPort = icmpPorts(p.Proto, p.ICMPType, p.ICMPCode)
		rest |= uint64(p.EchoID) << 16
	}
	if src.after(dst) || src == dst && srcPort > dstPort {
		return key{dst, src, rest | uint64(dstPort)<<48 | uint64(srcPort)<<32}, high
	}
	return key{src, dst, rest | uint64(srcPort)<<48 | uint64(dstPort)<<32}, low
}

func (k *key) proto() uint8 { return uint8(k.rest >> 8) }
func (k *key) echo() uint16 { return uint16(k.rest >> 16) }
func (k *key) icmp() bool   { return k.proto() == packet.ICMP || k.proto() == packet.ICMPv6 }

// port returns the port of one side; for ICMP, what stands for it.
func (k *key) port(s side) uint16 { return uint16(k.rest >> (48 - 16*s)) }

// endpoint returns what the key says of one side.
func (k *key) endpoint(s side) Endpoint {
	at, port := k.low, k.port(s)
	if s == high {
		at = k.high
	}
	if k.icmp() {
		port = 0
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], at.hi)
	binary.BigEndian.PutUint64(b[8:], at.lo)
	return Endpoint{packet.Addr(b, k.rest&v6Bit != 0), port}
}

// hasher digests keys. Its seed is random, so that no capture can be made up
// of keys that collide; no output depends on it.
type hasher [5]uint64

func newHasher() (h hasher) {
	seed := maphash.MakeSeed()
	for i := range h {
		h[i] = maphash.Comparable(seed, i)
	}
	return h
}

func (h *hasher) sum(k *key) uint32 {
	x := mix(k.low.hi^h[0], k.low.lo^h[1])
	y := mix(k.high.hi^h[2], k.high.lo^h[3])
	return uint32(mix(x^y^k.rest, h[4]|1))
}

// mix folds the 128-bit product, as wyhash does.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

package dissect

import (
	"encoding/binary"
	"iter"
)

// cursor reads a message from its front. The first read beyond the end makes
// it bad and empty: all later reads give zero, so that only the end needs a check.
type cursor struct {
	b   []byte
	bad bool
}

// bytes reads the next n bytes, without copying them.
func (c *cursor) bytes(n int) []byte {
	if n > len(c.b) {
		c.b, c.bad = nil, true
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

func (c *cursor) u8() uint8 {
	if v := c.bytes(1); v != nil {
		return v[0]
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if v := c.bytes(2); v != nil {
		return binary.BigEndian.Uint16(v)
	}
	return 0
}

func (c *cursor) u24() int {
	if v := c.bytes(3); v != nil {
		return u24(v)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if v := c.bytes(4); v != nil {
		return binary.BigEndian.Uint32(v)
	}
	return 0
}

// vector8, vector16 and vector24 read a vector behind its length (RFC 8446 section 3.4).
func (c *cursor) vector8() []byte  { return c.bytes(int(c.u8())) }
func (c *cursor) vector16() []byte { return c.bytes(int(c.u16())) }
func (c *cursor) vector24() []byte { return c.bytes(c.u24()) }

// varint reads a variable-length integer (RFC 9000 section 16).
func (c *cursor) varint() uint64 {
	if len(c.b) == 0 {
		c.bad = true
		return 0
	}
	v := c.bytes(1 << (c.b[0] >> 6))
	if v == nil {
		return 0
	}
	n := uint64(v[0] & 0x3f)
	for _, b := range v[1:] {
		n = n<<8 | uint64(b)
	}
	return n
}

func u24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }

// Codes is a list of 16-bit code points as it stands in a message. It is valid
// as long as the message.
type Codes []byte

// Len is the number of code points, GREASE included.
func (c Codes) Len() int { return len(c) / 2 }

// All yields the code points in their order, without GREASE (RFC 8701).
func (c Codes) All() iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for ; len(c) >= 2; c = c[2:] {
			if v := binary.BigEndian.Uint16(c); !isGREASE(v) && !yield(v) {
				return
			}
		}
	}
}

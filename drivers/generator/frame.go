package generator

import "encoding/binary"

// PayloadLen is the length of what identifies a frame, right behind the UDP
// header, numbers in network order:
//
//	0   2  "SQ"
//	2   4  the run
//	6   4  the number of the frame, from 0
//	10  8  when it was sent, ns since the Unix epoch, by the sender's clock
//
// Zeros follow. It is as much as the smallest frame of Ethernet holds.
const PayloadLen = 18

const (
	checkSequence = 4 // bytes that the card adds
	etherLen      = 14
	ipLen         = 20
	udpLen        = 8
	headLen       = etherLen + ipLen + udpLen
)

// Frame returns frame number n of a run as Send sends it at the time sent, ns
// since the Unix epoch: without the check sequence.
func Frame(c *Config, n uint32, sent int64) []byte {
	b := frame(c, c.Sizes[int(uint64(n)%uint64(len(c.Sizes)))])
	stamp(b, n, sent)
	return b
}

func stamp(b []byte, n uint32, sent int64) {
	binary.BigEndian.PutUint32(b[headLen+6:], n)
	binary.BigEndian.PutUint64(b[headLen+10:], uint64(sent))
}

// frames are the frames of a batch, made once and stamped anew for each.
type frames struct {
	sizes []int
	pool  [][][]byte // by size, as many as a batch holds
	list  [][]byte
}

func newFrames(c *Config) *frames {
	f := &frames{sizes: c.Sizes}
	for _, size := range c.Sizes {
		var same [][]byte
		for range batch {
			same = append(same, frame(c, size))
		}
		f.pool = append(f.pool, same)
	}
	return f
}

// stamp returns n frames from number first on.
func (f *frames) stamp(first uint32, n int, now int64) [][]byte {
	f.list = f.list[:0]
	for i := range n {
		number := first + uint32(i)
		b := f.pool[int(uint64(number)%uint64(len(f.sizes)))][i]
		stamp(b, number, now)
		f.list = append(f.list, b)
	}
	return f.list
}

// frame returns a frame of size bytes, check sequence included but not there.
func frame(c *Config, size int) []byte {
	b := make([]byte, size-checkSequence)
	copy(b, c.TargetMAC[:])
	copy(b[6:], c.SourceMAC[:])
	binary.BigEndian.PutUint16(b[12:], 0x0800)
	ip := b[etherLen:]
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	binary.BigEndian.PutUint16(ip[6:], 0x4000) // do not fragment
	source, target := c.Source.Addr().As4(), c.Target.Addr().As4()
	copy(ip[12:], source[:])
	copy(ip[16:], target[:])
	binary.BigEndian.PutUint16(ip[10:], checksum(ip[:ipLen]))
	udp := ip[ipLen:]
	binary.BigEndian.PutUint16(udp, c.Source.Port())
	binary.BigEndian.PutUint16(udp[2:], c.Target.Port())
	binary.BigEndian.PutUint16(udp[4:], uint16(len(udp)))
	// No UDP checksum: 0 says so (RFC 768), and the stamp changes.
	copy(udp[udpLen:], "SQ")
	binary.BigEndian.PutUint32(udp[udpLen+2:], c.Run)
	return b
}

// checksum is that of RFC 1071 over an even number of bytes.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

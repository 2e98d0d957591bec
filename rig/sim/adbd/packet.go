package adbd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Commands of the transport protocol: four letters, little-endian.
const (
	auth = 'A' | 'U'<<8 | 'T'<<16 | 'H'<<24
	cnxn = 'C' | 'N'<<8 | 'X'<<16 | 'N'<<24
	open = 'O' | 'P'<<8 | 'E'<<16 | 'N'<<24
	okay = 'O' | 'K'<<8 | 'A'<<16 | 'Y'<<24
	wrte = 'W' | 'R'<<8 | 'T'<<16 | 'E'<<24
	clse = 'C' | 'L'<<8 | 'S'<<16 | 'E'<<24
)

// Kinds of an AUTH packet.
const (
	authToken     = 1 // to sign
	authPublicKey = 3 // of a host whose signatures are not known
	tokenBytes    = 20
)

// Versions of the protocol; from the second on, payloads have no checksum.
const (
	versionSum   = 0x01000000
	versionNoSum = 0x01000001
)

const (
	headerSize  = 24
	payloadMax  = 1 << 20 // as in Android 9 and newer
	payloadMin  = 4 << 10 // what every peer takes, also before it has said more
	bannerBytes = payloadMin
)

// packet is one message of the transport protocol.
type packet struct {
	command, arg0, arg1 uint32
	payload             []byte
}

// readPacket reads a packet whose payload is at most max bytes long. The sum
// is verified where the peers still use it.
func readPacket(r io.Reader, max int, sum bool) (packet, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return packet{}, err
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(h[4*i:]) }
	p := packet{command: word(0), arg0: word(1), arg1: word(2)}
	n := word(3)
	switch {
	case word(5) != ^p.command:
		return packet{}, errors.New("a packet with wrong magic")
	case n > uint32(max):
		return packet{}, fmt.Errorf("a payload of %d bytes, more than %d", n, max)
	}
	p.payload = make([]byte, n)
	if _, err := io.ReadFull(r, p.payload); err != nil {
		return packet{}, noEOF(err)
	}
	if sum && word(4) != checksum(p.payload) {
		return packet{}, errors.New("a packet with a wrong sum")
	}
	return p, nil
}

// append encodes the packet behind b.
func (p packet) append(b []byte, sum bool) []byte {
	var s uint32
	if sum {
		s = checksum(p.payload)
	}
	for _, w := range [...]uint32{p.command, p.arg0, p.arg1, uint32(len(p.payload)), s, ^p.command} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return append(b, p.payload...)
}

// checksum adds the bytes up; the protocol calls it crc32.
func checksum(b []byte) (sum uint32) {
	for _, c := range b {
		sum += uint32(c)
	}
	return sum
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

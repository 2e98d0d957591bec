package duml

import (
	"encoding/binary"
	"fmt"
)

const (
	sof      = 0x55
	headSize = 11 // before the payload
	overhead = headSize + 2
	// MaxFrame is the longest frame; its length has ten bits.
	MaxFrame = 1<<10 - 1
	// MaxPayload is the longest payload.
	MaxPayload = MaxFrame - overhead
)

// Module is the address of a part of the product: a type and an index.
type Module byte

// Types of modules.
const (
	App         = 2
	Flight      = 3 // flight controller
	CenterBoard = 5
	Radio       = 6 // remote controller
	PC          = 10
)

// At returns the address of a module: type 0 to 31, index 0 to 7.
func At(moduleType, index byte) Module { return Module(moduleType&0x1f | index<<5) }

// Type returns what the module is.
func (m Module) Type() byte { return byte(m) & 0x1f }

// Index tells modules of one type apart.
func (m Module) Index() byte { return byte(m) >> 5 }

// String prints type and index in two decimal digits each: "0600".
func (m Module) String() string { return fmt.Sprintf("%02d%02d", m.Type(), m.Index()) }

// Acknowledgements that a request asks for.
const (
	AckNone   = 0
	AckBefore = 1 // at arrival
	AckAfter  = 2 // with the result
)

// Frame is one message.
type Frame struct {
	Version    byte // of the protocol, 0 to 63: 1
	From, To   Module
	Seq        uint16
	Response   bool // devices leave it off at times
	Ack        byte // 0 to 3
	Spare      byte // bits 3 and 4 of the type byte, whose meaning is not known: 0 to 3
	Encryption byte // 0 to 7; 0 is none
	Set, ID    byte // the command
	Payload    []byte
}

// Append encodes the frame onto b. The error says which field does not fit.
func (f Frame) Append(b []byte) ([]byte, error) {
	switch {
	case len(f.Payload) > MaxPayload:
		return b, fmt.Errorf("duml: a payload of %d bytes, at most %d fit", len(f.Payload), MaxPayload)
	case f.Version > 63 || f.Ack > 3 || f.Spare > 3 || f.Encryption > 7:
		return b, fmt.Errorf("duml: version %d, ack %d, spare %d, encryption %d: at most 63, 3, 3, 7", f.Version, f.Ack, f.Spare, f.Encryption)
	}
	at := len(b)
	b = append(b, sof)
	b = binary.LittleEndian.AppendUint16(b, uint16(overhead+len(f.Payload))|uint16(f.Version)<<10)
	b = append(b, crc8(b[at:]), byte(f.From), byte(f.To))
	b = binary.LittleEndian.AppendUint16(b, f.Seq)
	b = append(b, f.kind(), f.Set, f.ID)
	b = append(b, f.Payload...)
	return binary.LittleEndian.AppendUint16(b, crc16(b[at:])), nil
}

func (f Frame) kind() byte {
	k := f.Ack<<5 | f.Spare<<3 | f.Encryption
	if f.Response {
		k |= 0x80
	}
	return k
}

// Decode reads b, which is one whole frame. The payload is a copy.
func Decode(b []byte) (Frame, error) {
	size, err := frameSize(b)
	if err != nil {
		return Frame{}, err
	}
	if len(b) != size {
		return Frame{}, fmt.Errorf("duml: %d bytes, the frame says %d", len(b), size)
	}
	body, sum := b[:size-2], binary.LittleEndian.Uint16(b[size-2:])
	if want := crc16(body); sum != want {
		return Frame{}, fmt.Errorf("duml: CRC-16 is %04x, computed %04x", sum, want)
	}
	k := b[8]
	return Frame{
		Version: b[2] >> 2, From: Module(b[4]), To: Module(b[5]), Seq: binary.LittleEndian.Uint16(b[6:]),
		Response: k&0x80 != 0, Ack: k >> 5 & 3, Spare: k >> 3 & 3, Encryption: k & 7,
		Set: b[9], ID: b[10], Payload: append([]byte{}, body[headSize:]...),
	}, nil
}

// frameSize reads the length of the frame that b begins with, from its first
// four bytes.
func frameSize(b []byte) (int, error) {
	switch {
	case len(b) < 4:
		return 0, fmt.Errorf("duml: %d bytes are no frame", len(b))
	case b[0] != sof:
		return 0, fmt.Errorf("duml: a frame begins with %02x, not %02x", sof, b[0])
	case crc8(b[:3]) != b[3]:
		return 0, fmt.Errorf("duml: CRC-8 is %02x, computed %02x", b[3], crc8(b[:3]))
	}
	size := int(binary.LittleEndian.Uint16(b[1:]) & MaxFrame)
	if size < overhead {
		return 0, fmt.Errorf("duml: a length of %d, at least %d bytes are needed", size, overhead)
	}
	return size, nil
}

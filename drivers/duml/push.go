package duml

import (
	"encoding/binary"
	"fmt"
)

// Stick is a stick's place: 0 at the centre, about ±660 at the ends.
type Stick struct{ Horizontal, Vertical int }

// Push is what a remote controller pushes of its keys, switch, sticks and
// wheels (set 6, id 5, 17 bytes), as snglth/rc-monitor describes it. Which keys
// there are depends on the model.
type Push struct {
	Pause, GoHome, Shutter, Record bool
	Custom                         [3]bool // C1, C2, C3
	Up, Down, Left, Right, Press   bool    // the five-way key
	Switch                         byte    // flight mode switch: 0 sport, 1 normal, 2 tripod
	LeftStick, RightStick          Stick
	LeftWheel, RightWheel          int // 0 at the centre
	RightTurn                      int // of the right wheel since the last push, -31 to 31; the sign is not verified
}

// PushSize is the size of a push; longer ones are read as far as this.
const PushSize = 17

// bits of the push's first bytes.
func (p *Push) bits() []flag {
	return []flag{
		{&p.Pause, 0, 4}, {&p.GoHome, 0, 5}, {&p.Shutter, 0, 6}, {&p.Record, 1, 0},
		{&p.Right, 1, 3}, {&p.Up, 1, 4}, {&p.Down, 1, 5}, {&p.Left, 1, 6}, {&p.Press, 1, 7},
		{&p.Custom[0], 2, 2}, {&p.Custom[1], 2, 3}, {&p.Custom[2], 2, 4},
	}
}

type flag struct {
	on        *bool
	byte, bit int
}

// axes of the push, from byte 5 on, two bytes each.
func (p *Push) axes() []*int {
	return []*int{&p.RightStick.Horizontal, &p.RightStick.Vertical, &p.LeftStick.Vertical, &p.LeftStick.Horizontal, &p.LeftWheel, &p.RightWheel}
}

const center = 0x400

// ParsePush reads the payload of a push.
func ParsePush(b []byte) (Push, error) {
	if len(b) < PushSize {
		return Push{}, fmt.Errorf("duml: push of %d bytes, at least %d are needed", len(b), PushSize)
	}
	p := Push{Switch: b[2] & 3}
	for _, f := range p.bits() {
		*f.on = b[f.byte]>>f.bit&1 == 1
	}
	p.RightTurn = int(b[4] >> 1 & 0x1f)
	if b[4]>>6&1 == 0 {
		p.RightTurn = -p.RightTurn
	}
	for i, axis := range p.axes() {
		*axis = int(binary.LittleEndian.Uint16(b[5+2*i:])) - center
	}
	return p, nil
}

// Append encodes the push onto b, for the device's side. What is out of range
// is cut to its bits.
func (p Push) Append(b []byte) []byte {
	var out [PushSize]byte
	for _, f := range p.bits() {
		if *f.on {
			out[f.byte] |= 1 << f.bit
		}
	}
	out[2] |= p.Switch & 3
	turn := p.RightTurn
	if turn > 0 {
		out[4] |= 1 << 6
	} else {
		turn = -turn
	}
	out[4] |= byte(turn) & 0x1f << 1
	for i, axis := range p.axes() {
		binary.LittleEndian.PutUint16(out[5+2*i:], uint16(*axis+center))
	}
	return append(b, out[:]...)
}

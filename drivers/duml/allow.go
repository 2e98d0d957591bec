package duml

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrRefused is what errors.Is finds where a command is not on the list of
// those that are allowed.
var ErrRefused = errors.New("not an allowed command")

// Command sets.
const (
	SetGeneral = 0
	SetRadio   = 6
)

// Command ids.
const (
	idVersion  = 0x01 // general: version inquiry
	idSerial   = 0x51 // general: get serial number
	idIdentify = 0xff // general: query device info
	idPush     = 0x05 // radio: keys and sticks, pushed by the device
	idSimulate = 0x24 // radio: simulate flight mode set; 1 makes it push, 0 ends that
)

// Command is a request that may be sent, and why it is harmless.
type Command struct {
	Set, ID  byte
	Payloads [][]byte // the only ones
	Only     byte     // type of module that it may go to; 0: any
	Why      string
}

// Allowed lists all that this package ever sends.
func Allowed() []Command {
	none := [][]byte{{}}
	return []Command{
		{Set: SetGeneral, ID: idVersion, Payloads: none, Why: "version inquiry: hardware, loader and firmware version"},
		{Set: SetGeneral, ID: idSerial, Payloads: none, Why: "get serial number"},
		{Set: SetGeneral, ID: idIdentify, Payloads: none, Why: "query device info: an identification string"},
		{Set: SetRadio, ID: idSimulate, Payloads: [][]byte{{1}, {0}}, Only: Radio, Why: "simulate flight mode: the controller pushes its sticks and keys, or stops that"},
	}
}

// Check refuses a frame that may not be sent. It is called for every one.
func Check(f Frame) error {
	if f.Response || f.Encryption != 0 || f.Spare != 0 {
		return fmt.Errorf("duml: %w: only plain requests are sent", ErrRefused)
	}
	for _, c := range Allowed() {
		if c.Set == f.Set && c.ID == f.ID {
			return c.check(f)
		}
	}
	return fmt.Errorf("duml: set %#02x id %#02x is %w; only version, serial number, device info and the push of sticks are", f.Set, f.ID, ErrRefused)
}

func (c Command) check(f Frame) error {
	if c.Only != 0 && f.To.Type() != c.Only {
		return fmt.Errorf("duml: set %#02x id %#02x to module %s is %w; it goes to type %d alone", f.Set, f.ID, f.To, ErrRefused, c.Only)
	}
	for _, p := range c.Payloads {
		if bytes.Equal(p, f.Payload) {
			return nil
		}
	}
	return fmt.Errorf("duml: set %#02x id %#02x with payload % x is %w", f.Set, f.ID, f.Payload, ErrRefused)
}

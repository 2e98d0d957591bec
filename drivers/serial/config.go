package serial

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spanrig/spanrig/drivers"
	bugst "go.bug.st/serial"
)

// Config says which port, how, and what becomes of it. One of USB and Path is
// needed; the zero value of the rest is 115200 8N1 with DTR and RTS on.
type Config struct {
	USB  drivers.USB // the one port that has these fields
	Path string      // a device node or a link to one: a pseudo-terminal, a UART of the board

	Baud     int    // bits/s; 0: 115200
	DataBits int    // 5 to 8; 0: 8
	Parity   string // "none", "odd", "even", "mark", "space"; empty: none
	StopBits int    // 1 or 2; 0: 1
	DTROff   bool   // a CDC-ACM device may be silent until both lines are on
	RTSOff   bool

	Chunk int           // bytes written at once; 0: 256
	Pause time.Duration // between two chunks, for devices that lose characters; 0: none

	Window int           // bytes kept for cursors; 0: 256 KiB
	Return time.Duration // how long a port that vanished may stay away; 0: 30 s, negative: not at all

	Log    io.Writer    // one line for each read, write and event; nil: none
	Note   drivers.Note // nil: silent
	Reason string       // what for, told to whom the lock refuses; empty: "console"
	Root   string       // where the folders sys and dev are; empty: "/"
}

const (
	defaultBaud   = 115200
	defaultChunk  = 256
	defaultWindow = 256 << 10
	defaultReturn = 30 * time.Second
)

var parities = map[string]bugst.Parity{
	"": bugst.NoParity, "none": bugst.NoParity, "odd": bugst.OddParity, "even": bugst.EvenParity,
	"mark": bugst.MarkParity, "space": bugst.SpaceParity,
}

var stopBits = map[int]bugst.StopBits{0: bugst.OneStopBit, 1: bugst.OneStopBit, 2: bugst.TwoStopBits}

// filled returns the configuration with defaults in the place of zeros.
func (c Config) filled() (Config, error) {
	_, parity := parities[c.Parity]
	_, stop := stopBits[c.StopBits]
	switch {
	case (c.USB == drivers.USB{}) == (c.Path == ""):
		return c, errors.New("serial port: name a USB identity or a path, one of them")
	case !parity:
		return c, fmt.Errorf("serial port: parity %q: say none, odd, even, mark or space", c.Parity)
	case !stop:
		return c, fmt.Errorf("serial port: %d stop bits: say 1 or 2", c.StopBits)
	case c.DataBits != 0 && (c.DataBits < 5 || c.DataBits > 8):
		return c, fmt.Errorf("serial port: %d data bits: say 5 to 8", c.DataBits)
	case c.Baud < 0 || c.Chunk < 0 || c.Window < 0 || c.Pause < 0:
		return c, errors.New("serial port: baud, chunk, window and pause cannot be negative")
	}
	c.Baud, c.Chunk, c.Window = orElse(c.Baud, defaultBaud), orElse(c.Chunk, defaultChunk), orElse(c.Window, defaultWindow)
	c.Return, c.DataBits = orElse(c.Return, defaultReturn), orElse(c.DataBits, 8)
	c.Reason, c.Root = orElse(c.Reason, "console"), orRoot(c.Root)
	if c.Note == nil {
		c.Note = drivers.Silent
	}
	return c, nil
}

// mode is the configuration in the library's words. Lines are left to the
// kernel, which raises both, where that is what is wanted: a pseudo-terminal
// has none to set.
func (c Config) mode() *bugst.Mode {
	m := &bugst.Mode{BaudRate: c.Baud, DataBits: c.DataBits, Parity: parities[c.Parity], StopBits: stopBits[c.StopBits]}
	if c.DTROff || c.RTSOff {
		m.InitialStatusBits = &bugst.ModemOutputBits{DTR: !c.DTROff, RTS: !c.RTSOff}
	}
	return m
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

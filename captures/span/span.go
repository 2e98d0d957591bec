package span

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// Defaults of a Config. The kernel hands over a block every 20 ms at least, so
// that many blocks outlast a long stall of the disk even where little comes in:
// 256 of them, 5 seconds.
const (
	DefaultBlockBytes = 256 << 10 // of a ring block
	DefaultBlocks     = 256       // of the ring of each interface
	DefaultMinFree    = 256 << 20 // bytes
)

const (
	// retire is after how long the kernel hands over a block that is not full.
	retire = 20 * time.Millisecond

	// reorder is how long a frame waits for earlier ones of other interfaces: by
	// then every block that began before has been handed over.
	reorder = 30 * time.Millisecond

	// look is how often the rings are looked at while a frame waits, for a ring
	// that we hold blocks of cannot wake us.
	look = 5 * time.Millisecond

	// maxFiles of a recording; the last one is not rotated.
	maxFiles = 1 << 16
)

// Config says what to record and where to. Only Interfaces and Dir are needed.
type Config struct {
	// Interfaces by name: one mirror port, or several that carry a part of the
	// traffic each, such as the two directions of a TAP.
	Interfaces []string

	// Dir is the folder of the recording, which exists and has no capture yet.
	// The file is capture.pcapng, or capture-0001.pcapng and so on where
	// rotation is configured.
	Dir string

	RotateBytes int64         // begin a new file before this one grows larger; 0: never
	RotateEvery time.Duration // begin a new file after this time, if the last has frames; 0: never

	// MinFree is how many bytes of the disk are left alone: the capture ends
	// before. 0 is DefaultMinFree; below 0 the disk is not watched.
	MinFree int64

	// BlockBytes and Blocks are the size of the ring of each interface: the
	// burst that it absorbs while the disk stalls. BlockBytes is a multiple of
	// 64 KiB; a frame that does not fit into one block is cut. 0: the defaults,
	// 64 MiB together.
	BlockBytes int
	Blocks     int

	// OnlyDevice keeps the traffic of neighbours out of the evidence: recorded
	// are only frames from or to these addresses, and those broadcasts and
	// multicasts that tie network addresses to them (ARP, DHCP, neighbour
	// discovery). Inside encapsulated mirrors the inner frame counts; what
	// cannot be looked into is kept. Empty: everything is.
	OnlyDevice []captures.MAC

	Snaplen     uint32 // bytes kept of a frame; 0: all
	Application string // shb_userappl, as "spanrig 1.2"
	Comment     string // of the section header of each file

	NoHashes bool // leave digests out, to measure what recording alone costs

	// Now is the clock for everything but frames, whose times are the kernel's;
	// nil: time.Now.
	Now func() time.Time
}

// Start arms a ring on every interface and begins to record. The capture ends
// with Stop, with ctx, or by itself (see Summary.Cause). The error is one line
// that says what to do.
func Start(ctx context.Context, c Config) (*Recorder, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	return start(ctx, c)
}

// complete checks the configuration and fills in the defaults.
func (c *Config) complete() error {
	c.Interfaces, c.OnlyDevice = slices.Clone(c.Interfaces), slices.Clone(c.OnlyDevice)
	if len(c.Interfaces) == 0 {
		return errors.New("no interface to record: name the one that the mirror port is plugged into")
	}
	for i, name := range c.Interfaces {
		if slices.Contains(c.Interfaces[:i], name) {
			return fmt.Errorf("interface %s is named twice", name)
		}
	}
	if c.BlockBytes == 0 {
		c.BlockBytes = DefaultBlockBytes
	}
	if c.Blocks == 0 {
		c.Blocks = DefaultBlocks
	}
	if c.MinFree == 0 {
		c.MinFree = DefaultMinFree
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	switch {
	case c.BlockBytes < 1<<16 || c.BlockBytes > 8<<20 || c.BlockBytes%(1<<16) != 0:
		return fmt.Errorf("a ring block of %d bytes: choose a multiple of 64 KiB up to 8 MiB", c.BlockBytes)
	case c.Blocks < 2 || c.Blocks > 1<<14:
		return fmt.Errorf("a ring of %d blocks: choose 2 to 16384", c.Blocks)
	case int64(c.BlockBytes)*int64(c.Blocks) > 1<<30:
		return fmt.Errorf("a ring of %d MiB: choose at most 1024", int64(c.BlockBytes)*int64(c.Blocks)>>20)
	case c.RotateBytes < 0 || c.RotateEvery < 0:
		return errors.New("files cannot be rotated after less than nothing")
	case c.RotateBytes > 0 && c.RotateBytes < 1<<16:
		return fmt.Errorf("files of %d bytes: choose 64 KiB or more", c.RotateBytes)
	}
	return nil
}

// rotates reports whether the recording may have several files.
func (c *Config) rotates() bool { return c.RotateBytes > 0 || c.RotateEvery > 0 }

// A Port is an interface that is recorded, and what was done to it.
type Port struct {
	Name        string            `json:"name"`
	Link        captures.LinkType `json:"link"`
	MTU         int               `json:"mtu"`
	Carrier     bool              `json:"carrier"` // a link was there at the start
	RingBytes   int64             `json:"ring_bytes"`
	Promiscuous bool              `json:"promiscuous"`
	Problem     string            `json:"problem,omitempty"` // what could not be done, and what that needs
	Offloads    []Offload         `json:"offloads,omitempty"`
}

// An Offload is a feature of a card that glues frames together and was found
// switched on. A recorder that is killed leaves it off: ethtool -K IF gro on.
type Offload struct {
	Feature  string `json:"feature"` // as ethtool -k names it in the kernel: "rx-gro"
	Off      bool   `json:"off"`     // it was switched off for the recording
	Restored bool   `json:"restored"`
	Problem  string `json:"problem,omitempty"`
}

// Stats are the counts of one interface since the start.
type Stats struct {
	Interface string `json:"interface"`
	Received  uint64 `json:"received"` // frames that the kernel had for the ring, dropped ones included
	Dropped   uint64 `json:"dropped"`  // of these, found no room in the ring
	Freezes   uint64 `json:"freezes"`  // times the ring ran full
	Missed    uint64 `json:"missed"`   // frames that the card lost before, as it counts them
	Recorded  uint64 `json:"recorded"` // frames in the files
	LeftOut   uint64 `json:"left_out"` // frames of neighbours, see Config.OnlyDevice
	Own       uint64 `json:"own"`      // frames that the rig sent, where the kernel could not exclude them
	Last      int64  `json:"last"`     // time of the last frame recorded; 0: none
	Up        bool   `json:"up"`       // the link is there

	LinkLosses uint64 `json:"link_losses"` // times that the link, or the interface, went away
	LinkLost   int64  `json:"link_lost"`   // when it was last known to be there before it went, ns: a second before at most; 0: it never went
}

// Lost is what is not in the files although it came.
func (s Stats) Lost() uint64 { return s.Dropped + s.Missed }

// EventKind says what happened.
type EventKind string

// Kinds of events.
const (
	LinkDown      EventKind = "link_down" // taken down, unplugged, or gone
	LinkUp        EventKind = "link_up"
	FramesLost    EventKind = "frames_lost"
	BacklogDrops  EventKind = "backlog_drops" // of the host, whatever the interface
	RestoreFailed EventKind = "restore_failed"
)

// An Event is what a person or a journal should hear of while it is recorded.
type Event struct {
	Time      int64     `json:"time"`
	Kind      EventKind `json:"kind"`
	Interface string    `json:"interface,omitempty"`
	Text      string    `json:"text"` // one clause
}

// Cause says why a capture ended.
type Cause string

// Causes of the end.
const (
	Asked    Cause = "asked"     // Stop, or the context
	DiskFull Cause = "disk_full" // no more than Config.MinFree was left
	Failed   Cause = "failed"    // see the error of Stop
)

// LeafSize is the length of all leaves of a file but the last, bytes.
const LeafSize = 4 << 20

// A File is one finished file of the recording.
type File struct {
	Name   string   `json:"name"`
	Bytes  int64    `json:"bytes"`
	Frames uint64   `json:"frames"`
	First  int64    `json:"first"`            // time of the earliest frame; 0: none
	Last   int64    `json:"last"`             // time of the latest
	SHA256 string   `json:"sha256,omitempty"` // of the file, lower-case hex
	Leaves []string `json:"leaves,omitempty"` // SHA-256 of each LeafSize bytes
}

// Summary is what became of a capture.
type Summary struct {
	Began      int64   `json:"began"` // when every ring was armed
	Ended      int64   `json:"ended"` // when the last frame could come in
	Cause      Cause   `json:"cause"`
	Text       string  `json:"text"` // the cause in a clause
	Files      []File  `json:"files"`
	Interfaces []Stats `json:"interfaces"`
	Ports      []Port  `json:"ports"`

	Late       uint64 `json:"late"`        // frames written behind one with a later time
	Backlog    uint64 `json:"backlog"`     // frames that the host's input queues dropped, of all its interfaces
	EventsLost uint64 `json:"events_lost"` // nobody took them from the channel in time
}

package span

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// lane is one interface on its way into the files.
type lane struct {
	number uint32 // in the files
	port   Port
	index  int   // in the kernel
	ring   *ring // nil while there is no such interface

	queue []block   // that the kernel has handed over, in their order
	walk  walk      // over the first of them
	head  ringFrame // the next frame, where ready
	ready bool

	stats      Stats
	missedBase uint64 // what the card had counted when the lane was armed
	missedHere uint64 // by earlier incarnations of the interface
	downs      uint32 // how often the carrier had gone when the kernel was last heard
	lastUp     int64  // when the link was last known to be there, ns
	atFile     Stats  // stats when the file began
	told       Stats  // stats in the last statistics block
}

// block is a ring block that is ours.
type block struct {
	bytes  []byte
	number int
	since  time.Time // when it was collected
}

// links are the link types of hardware types whose frames come with their link
// header (or, for ARPHRD_NONE, as IP packets without any).
var links = map[uint16]captures.LinkType{
	unix.ARPHRD_ETHER:              captures.LinkEthernet,
	unix.ARPHRD_LOOPBACK:           captures.LinkEthernet,
	unix.ARPHRD_IEEE80211:          captures.LinkIEEE80211,
	unix.ARPHRD_IEEE80211_RADIOTAP: captures.LinkRadiotap,
	unix.ARPHRD_NONE:               captures.LinkRaw,
}

// newLane prepares the recording of an interface; it is armed by bind.
func newLane(c *Config, number int, s linkState) (*lane, error) {
	link, ok := links[s.hardware]
	if !ok {
		return nil, fmt.Errorf("interface %s has frames of hardware type %d, which have no form in a capture: name an Ethernet interface", s.name, s.hardware)
	}
	if len(c.OnlyDevice) > 0 && link != captures.LinkEthernet {
		return nil, fmt.Errorf("interface %s is no Ethernet: the device's frames cannot be told there", s.name)
	}
	l := &lane{number: uint32(number), index: s.index, missedBase: s.missed}
	l.port = Port{Name: s.name, Link: link, MTU: s.mtu, Carrier: s.carrier, RingBytes: int64(c.BlockBytes) * int64(c.Blocks)}
	l.stats, l.downs = Stats{Interface: s.name, Up: s.up()}, s.downs
	l.lastUp = c.Now().UnixNano()
	return l, l.open(c)
}

// open makes the ring and prepares the interface.
func (l *lane) open(c *Config) error {
	r, err := openRing(c)
	if err != nil {
		return fmt.Errorf("%s: %w", l.port.Name, err)
	}
	l.ring = r
	var problems []string
	if c.Snaplen > 0 {
		if err := r.accept(c.Snaplen); err != nil {
			problems = append(problems, "frames are not cut by the kernel: "+err.Error())
		}
	}
	if err := r.ignoreOutgoing(); err != nil {
		problems = append(problems, "frames of the rig itself are dropped one by one: "+err.Error())
	}
	err = r.promiscuous(l.index)
	if l.port.Promiscuous = err == nil; err != nil {
		problems = append(problems, "not promiscuous: "+err.Error())
	}
	l.port.Problem = strings.Join(problems, "; ")
	l.port.Offloads = unglue(r.fd, l.port.Name)
	return nil
}

// bind arms the ring.
func (l *lane) bind() error {
	if err := l.ring.bind(l.index); err != nil {
		return fmt.Errorf("%s: %w", l.port.Name, err)
	}
	return nil
}

// collect takes the blocks that the kernel has handed over.
func (l *lane) collect(now time.Time) error {
	for l.ring != nil {
		b, number := l.ring.take()
		if b == nil {
			break
		}
		l.queue = append(l.queue, block{b, number, now})
	}
	if !l.ready {
		return l.advance()
	}
	return nil
}

// advance makes the next frame the head, and gives finished blocks back.
func (l *lane) advance() error {
	for {
		var err error
		if l.ready, err = l.walk.next(&l.head); l.ready || err != nil {
			return err
		}
		if l.walk.block != nil {
			l.ring.release(l.queue[0].number)
			l.queue = l.queue[:copy(l.queue, l.queue[1:])]
			l.walk = walk{}
		}
		if len(l.queue) == 0 {
			return nil
		}
		if l.walk, err = newWalk(l.queue[0].bytes); err != nil {
			return err
		}
	}
}

// crowded reports whether so much of the ring is ours that the kernel may soon
// have no room.
func (l *lane) crowded() bool { return l.ring != nil && l.ring.held > l.ring.blocks/2 }

// count brings the statistics up to date.
func (l *lane) count() error {
	if l.ring == nil {
		return nil
	}
	received, dropped, freezes, err := l.ring.statistics()
	l.stats.Received += received
	l.stats.Dropped += dropped
	l.stats.Freezes += freezes
	return err
}

// learn takes what the kernel says of the interface.
func (l *lane) learn(s linkState) {
	if s.hasCounts && s.missed >= l.missedBase {
		l.stats.Missed = l.missedHere + s.missed - l.missedBase
	}
}

// leave closes the ring of an interface that is gone; its blocks are written.
func (l *lane) leave() error {
	err := l.count()
	l.ring.close()
	l.ring, l.queue, l.walk, l.ready = nil, nil, walk{}, false
	l.missedHere, l.missedBase = l.stats.Missed, 0
	return err
}

// statistics is what the file at hand says of the lane: counts since it began,
// so that the sum over all files is that of the capture.
func (l *lane) statistics(began int64) pcapfile.Statistics {
	s, f := l.stats, l.atFile
	out := pcapfile.Statistics{
		Begin:     began,
		Received:  s.Received - f.Received,
		Dropped:   s.Lost() - f.Lost(),
		Delivered: s.Recorded - f.Recorded,
	}
	var more []string
	note := func(what string, n uint64) {
		if n > 0 {
			more = append(more, fmt.Sprintf("%s: %d", what, n))
		}
	}
	note("ring freezes", s.Freezes-f.Freezes)
	note("missed by the card", s.Missed-f.Missed)
	note("frames of neighbours left out", s.LeftOut-f.LeftOut)
	note("frames of the rig left out", s.Own-f.Own)
	out.Comment = strings.Join(more, ", ")
	return out
}

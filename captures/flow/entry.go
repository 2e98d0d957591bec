package flow

import (
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/packet"
)

// entry is a flow in the making. It is what every packet touches: small, and
// with one pointer only.
type entry struct {
	key        key
	hash       uint32
	self       ref
	prev, next ref
	findable   bool // may go on
	origin     side // of the originator
	guessed    bool // nothing proves who opened it
	rttVoid    bool // a handshake segment was sent again

	end        int64 // time of the last frame
	last       captures.FrameID
	packets    [2]uint64
	bytes      [2]uint64
	payload    [2]uint64
	duplicates uint64
	ends       [2]tcpEnd
	acks, gaps uint64
	cold       *cold

	start     int64
	first     captures.FrameID
	continues captures.FrameID
	synAt     int64 // time of the originator's SYN
	rtt       int64
	macs      [2]captures.MAC
	vlans     [4]uint16
	nvlan     uint8
	tunnelled bool
	icmpType  uint8
	icmpCode  uint8
}

// tcpEnd is what one end of a TCP connection sent, by sequence numbers.
type tcpEnd struct {
	isn      uint32 // of its SYN
	edge     uint32 // end of what was seen without a hole
	acked    uint32 // highest acknowledgement it sent
	state    endState
	hasISN   bool
	hasEdge  bool
	hasAcked bool
}

// cold is what only some flows have.
type cold struct {
	conv    *dissect.Conversation
	ways    [2]way
	spans   [2]spans
	tallies []Tally
	shut    [2]bool // the end sent FIN or RST, and no payload since
	echoes  []Echo
	headCut bool
	headGap bool
	secret  bool          // not in the clear, or unknown for good: nothing is kept
	over    bool          // nothing more is read: facts are final
	facts   dissect.Facts // once over
}

func (e *entry) depth() *cold {
	if e.cold == nil {
		e.cold = &cold{}
	}
	return e.cold
}

// dir returns the direction of what side s sends.
func (e *entry) dir(s side) captures.Dir { return captures.Dir(s ^ e.origin) }

// open fills a new entry from its first packet.
func (e *entry) open(p *packet.Packet, s side) {
	e.start, e.first = p.Begin, p.First
	e.vlans, e.nvlan, e.tunnelled = p.VLANs, p.NVLAN, p.Tunnelled
	e.icmpType, e.icmpCode = p.ICMPType, p.ICMPCode
	responded, guessed := answers(p)
	e.origin, e.guessed = s, guessed
	if responded {
		e.origin ^= 1
	}
	d := e.dir(s)
	e.macs[d], e.macs[d.Reverse()] = p.SrcMAC, p.DstMAC
}

// count adds a packet that went in direction d.
func (e *entry) count(p *packet.Packet, d captures.Dir) {
	if e.packets[d] == 0 {
		e.macs[d] = p.SrcMAC
	}
	e.packets[d] += uint64(p.Frames)
	e.bytes[d] += p.Length
	e.duplicates += uint64(p.Duplicates)
	if p.Frame > e.last {
		e.last, e.end = p.Frame, p.Time
	}
}

// flip exchanges originator and responder. Nothing that was dissected may
// depend on them yet.
func (e *entry) flip() {
	e.origin ^= 1
	e.packets[0], e.packets[1] = e.packets[1], e.packets[0]
	e.bytes[0], e.bytes[1] = e.bytes[1], e.bytes[0]
	e.payload[0], e.payload[1] = e.payload[1], e.payload[0]
	e.ends[0], e.ends[1] = e.ends[1], e.ends[0]
	e.macs[0], e.macs[1] = e.macs[1], e.macs[0]
	if c := e.cold; c != nil {
		c.spans[0], c.spans[1] = c.spans[1], c.spans[0]
		c.shut[0], c.shut[1] = c.shut[1], c.shut[0]
		for i := range c.tallies {
			sides := &c.tallies[i].Sides
			sides[0], sides[1] = sides[1], sides[0]
		}
	}
}

// describe fills what is known of a flow from its start on.
func (e *entry) describe(f *Flow) {
	f.ID, f.Proto, f.MAC = e.first, e.key.proto(), e.macs
	f.Orig, f.Resp = e.key.endpoint(e.origin), e.key.endpoint(e.origin^1)
}

// flow returns the flow as it is handed over. It takes the cold parts with it.
func (e *entry) flow() *Flow {
	f := &Flow{
		Last: e.last, Continues: e.continues, Tunnelled: e.tunnelled, Start: e.start, End: e.end,
		Packets: e.packets, Bytes: e.bytes, Payload: e.payload, Duplicates: e.duplicates,
		State: e.state(), ICMPType: e.icmpType, ICMPCode: e.icmpCode, EchoID: e.key.echo(),
		RTT: time.Duration(e.rtt), ACKs: e.acks, Gaps: e.gaps,
	}
	e.describe(f)
	if e.nvlan > 0 {
		f.VLAN = append(f.VLAN, e.vlans[:e.nvlan]...)
	}
	c := e.cold
	if c == nil {
		if f.Proto != packet.TCP {
			f.RTT = 0
		}
		return f
	}
	f.HeadCut, f.HeadGap = c.headCut, c.headGap
	f.Echoes, f.Tallies = c.echoes, c.tallies
	f.App = c.facts
	if f.App.Protocol.Cleartext() || f.App.Protocol == "" {
		f.Streams = [2]*Stream{c.ways[0].kept, c.ways[1].kept}
	}
	if f.Proto != packet.TCP && f.App.QUIC == nil {
		f.RTT = 0
	}
	return f
}

package flow

import (
	"net/netip"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/packet"
)

// Config shapes Assemble. The zero value is useful.
type Config struct {
	// Idle ends a flow after that long without a frame, or after a jump of
	// the clock by more than that in either direction. 0 means DefaultIdle.
	// Below 70 s, flows may come late that hold an IP datagram of which
	// fragments are missing, for those are waited for.
	Idle time.Duration
	// Cuts are ascending times (ns since the Unix epoch) that divide the
	// tallies of a flow: segment 0 is before Cuts[0], segment i from Cuts[i-1]
	// (inclusive) to Cuts[i] (exclusive). nil: no tallies are kept.
	Cuts []int64
	// Timeline takes the place of Cuts where these become known only while the
	// capture is read.
	Timeline *Timeline
	// StreamLimit is how many bytes of each direction of a recognised
	// cleartext flow are kept in Flow.Streams. Of a flow that nothing
	// recognises the head is kept, as far as recognition read it. 0: none.
	StreamLimit int
	// StreamBudget is how many bytes all streams of the capture together keep;
	// beyond it they are cut. 0 means DefaultBudget.
	StreamBudget int64
	// Echoes keeps each ICMP echo in Flow.Echoes, at most MaxEchoes a flow.
	Echoes bool
	// Progress, where set, is called now and then with the bytes read so far.
	Progress func(frames, bytes uint64)
}

// DefaultBudget bounds what is kept of all cleartext streams: 256 MiB.
const DefaultBudget = 256 << 20

// Endpoint is one end of a flow. Port is 0 where the protocol has none.
type Endpoint struct {
	Addr netip.Addr
	Port uint16
}

// Flow is one conversation of the innermost packets. Two-element arrays are
// indexed by captures.Dir: originator first.
type Flow struct {
	ID        captures.FrameID // its first frame
	Last      captures.FrameID // its last frame
	Continues captures.FrameID // ID of the flow that this one goes on with after an idle split (TCP without SYN); 0 none

	Proto     uint8
	Orig      Endpoint
	Resp      Endpoint
	MAC       [2]captures.MAC // of each end as seen on the captured link; the far end's is often a router's
	VLAN      []uint16        // of the first frame, outermost first
	Tunnelled bool

	Start, End int64

	Packets    [2]uint64 // frames, mirror duplicates included
	Bytes      [2]uint64 // of these frames on the wire
	Payload    [2]uint64 // transport payload without mirror duplicates, retransmissions included
	Duplicates uint64    // frames

	State              State
	ICMPType, ICMPCode uint8         // of the first packet
	EchoID             uint16        // ICMP echo: part of what tells flows apart
	RTT                time.Duration // SYN to SYN-ACK, or first QUIC Initial to its answer; 0 unknown
	ACKs               uint64        // TCP: segments that acknowledge new data, both directions
	Gaps               uint64        // of these, those that acknowledge bytes that were never seen
	HeadCut            bool          // a frame was cut by the snap length where its payload was still read
	HeadGap            bool          // bytes are missing where the stream was still read

	App     dissect.Facts
	Echoes  []Echo
	Tallies []Tally    // by ascending segment, only those with traffic other than mirror duplicates
	Streams [2]*Stream // cleartext and unknown, where Config.StreamLimit asks for it
}

// MaxEchoes bounds Flow.Echoes.
const MaxEchoes = 4096

// Echo is one ICMP echo request or reply.
type Echo struct {
	dissect.Mark
	Dir   captures.Dir
	Reply bool
	Seq   uint16
}

// Stream is the kept head of one direction of a cleartext flow, in order.
type Stream struct {
	Data  []byte
	Marks []StreamMark // ascending; which frame brought the bytes from Offset on
	Gap   bool         // bytes are missing in between
	Cut   bool         // it went on beyond the limit
}

// StreamMark ties an offset in Stream.Data to a frame.
type StreamMark struct {
	Offset int
	Frame  captures.FrameID
}

// Summary is what is known of the whole capture after Assemble.
type Summary struct {
	Flows       uint64
	First, Last int64 // earliest and latest time of a frame; 0 where none has one
	Packets     packet.Counts
	Source      captures.Stats
	Fault       *captures.Fault // damage that ended the reading; nil for a whole file
	ACKs, Gaps  uint64          // sums over TCP flows
}

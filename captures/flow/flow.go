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
	Idle time.Duration
	// Cuts are ascending times (ns since the Unix epoch) that divide the
	// tallies of a flow: segment 0 is before Cuts[0], segment i from Cuts[i-1]
	// (inclusive) to Cuts[i] (exclusive). nil: no tallies are kept.
	Cuts []int64
	// StreamLimit is how many bytes of each direction of a recognised
	// cleartext flow are kept in Flow.Streams. 0: none.
	StreamLimit int
	// Echoes keeps each ICMP echo in Flow.Echoes, at most MaxEchoes a flow.
	Echoes bool
	// Progress, where set, is called now and then with the bytes read so far.
	Progress func(frames, bytes uint64)
}

// DefaultIdle ends a flow: Zeek's tcp_inactivity_timeout and the default that
// RFC 4787 (REQ-5) recommends for UDP.
const DefaultIdle = 5 * time.Minute

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
	Tallies []Tally    // by ascending segment, only those with traffic
	Streams [2]*Stream // cleartext, where Config.StreamLimit asks for it
}

// State is Zeek's conn_state (https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html).
type State string

const (
	S0     State = "S0"     // attempt, no reply
	S1     State = "S1"     // established, not ended
	SF     State = "SF"     // normal establishment and end
	REJ    State = "REJ"    // attempt rejected
	S2     State = "S2"     // established, originator closed, responder did not
	S3     State = "S3"     // established, responder closed, originator did not
	RSTO   State = "RSTO"   // established, originator reset
	RSTR   State = "RSTR"   // responder reset
	RSTOS0 State = "RSTOS0" // originator sent SYN then RST, no SYN-ACK seen
	RSTRH  State = "RSTRH"  // responder sent SYN-ACK then RST, no SYN seen
	SH     State = "SH"     // originator sent SYN then FIN, no SYN-ACK seen
	SHR    State = "SHR"    // responder sent SYN-ACK then FIN, no SYN seen
	OTH    State = "OTH"    // midstream traffic
)

// MaxEchoes bounds Flow.Echoes.
const MaxEchoes = 4096

// Echo is one ICMP echo request or reply.
type Echo struct {
	dissect.Mark
	Dir   captures.Dir
	Reply bool
	Seq   uint16
}

// Tally is what a flow did in one segment between two cuts.
type Tally struct {
	Segment int
	Sides   [2]Side // what each end sent
}

// MaxFrames bounds Side.Frames.
const MaxFrames = 8

// Side is what one end sent in a segment. Mirror duplicates are left out.
type Side struct {
	Packets  uint64
	Openings uint64 // SYN without ACK; the first datagram of a flow; ICMP and ICMPv6 requests (echo, timestamp, mask, information)
	Payloads uint64 // packets with transport payload, retransmissions included, TCP keepalives excepted

	PayloadBytes uint64 // in these packets
	Keepalives   uint64 // TCP segments of 0 or 1 byte just below what was acknowledged (RFC 9293 section 3.8.4)
	Resets       uint64
	Fins         uint64

	FirstOpening, FirstPayload, LastPayload dissect.Mark       // zero where none
	Frames                                  []captures.FrameID // the first MaxFrames of openings and payloads

	// ClosingAlert: all payload of the side in this segment is one TLS alert
	// of at most 31 bytes (type 21, or type 23 of 19 bytes), sent once.
	ClosingAlert bool
	// Closed: after its last payload in this segment or later, this end sent
	// FIN or RST.
	Closed bool
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

// Observer receives what Assemble finds; nil fields are skipped. Calls come
// from one goroutine, in the order of the capture. What a *Flow points to
// belongs to the observer when it is handed over by Flow.
type Observer struct {
	// Flow receives each flow once, in order of last frame (ties: first frame).
	Flow func(f *Flow)
	// DNS receives each DNS message as it is seen, mirror duplicates left out;
	// from is the direction it went. f is still growing: read ID, Proto, Orig,
	// Resp and MAC only, and keep no pointer to it.
	DNS func(f *Flow, m *dissect.DNSMessage, from captures.Dir, at dissect.Mark)
	// Binding receives address bindings from ARP, ND and DHCP.
	Binding func(b packet.Binding)
	// Lease receives DHCP acknowledgements.
	Lease func(l dissect.DHCPLease, at dissect.Mark)
	// Router receives router advertisements (RFC 4861, RFC 8106).
	Router func(r RouterAdvert, at dissect.Mark)
}

// RouterAdvert is what a router advertisement announces.
type RouterAdvert struct {
	MAC       captures.MAC
	Prefixes  []netip.Prefix // on-link ones
	Resolvers []netip.Addr   // RDNSS
	Search    []string       // DNSSL
}

// Summary is what is known of the whole capture after Assemble.
type Summary struct {
	Flows       uint64
	First, Last int64 // time of the first and last frame
	Packets     packet.Counts
	Source      captures.Stats
	Fault       *captures.Fault // damage that ended the reading; nil for a whole file
	ACKs, Gaps  uint64          // sums over TCP flows
}

package flow

import (
	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/packet"
)

// State is Zeek's conn_state (https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html).
// UDP has S0, SF, or SHR where only the responder was seen; every protocol
// but TCP and UDP has OTH, as in Zeek.
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

// endState is the state of one end of a TCP connection, by what it sent, as in
// Zeek's TCPSessionAdapter.
type endState uint8

const (
	inactive    endState = iota // nothing seen
	partial                     // segments without a handshake
	synSent                     // SYN, not answered
	established                 // the handshake was seen
	closed                      // FIN
	reset                       // RST
)

func (s endState) ended() bool       { return s >= closed }
func (s endState) noHandshake() bool { return s <= partial }

// advance moves the states of both ends by a segment with flags from end d.
func advance(ends *[2]tcpEnd, d captures.Dir, flags uint8) {
	own, peer := &ends[d].state, &ends[d.Reverse()].state
	switch *own {
	case inactive:
		switch {
		case flags&packet.SYN == 0:
			*own = partial
		case d == captures.Orig && *peer != established:
			*own = synSent
		default:
			// The answer of the responder, or the SYN itself where the mirror
			// delivered it after its answer.
			*own = established
			if *peer == synSent {
				*peer = established
			}
		}
	case partial:
		if flags&(packet.SYN|packet.ACK) == packet.SYN && *peer == inactive {
			*own = synSent
		}
	case closed:
		// After FINs both ways a RST changes nothing.
		if flags&packet.RST != 0 && *peer != closed {
			*own = reset
		}
		return
	case reset:
		return
	}
	switch {
	case flags&packet.RST != 0:
		*own = reset
	case flags&packet.FIN != 0:
		*own = closed
	}
}

// state names what the flow came to.
func (e *entry) state() State {
	switch e.key.proto() {
	case packet.TCP:
		return tcpState(e.ends[captures.Orig].state, e.ends[captures.Resp].state, e.payload == [2]uint64{})
	case packet.UDP:
		switch {
		case e.packets[captures.Resp] == 0:
			return S0
		case e.packets[captures.Orig] == 0:
			return SHR
		}
		return SF
	}
	return OTH
}

// tcpState is Zeek's conn_state function; silent tells that neither end sent payload.
func tcpState(orig, resp endState, silent bool) State {
	switch {
	case resp == reset && (orig == synSent || orig == reset && silent):
		return REJ
	case resp == reset && orig.noHandshake():
		return RSTRH
	case resp == reset:
		return RSTR
	case orig == reset && resp.noHandshake():
		return RSTOS0
	case orig == reset:
		return RSTO
	case orig == closed && resp == closed:
		return SF
	case orig == closed && resp.noHandshake():
		return SH
	case orig == closed:
		return S2
	case resp == closed && orig.noHandshake():
		return SHR
	case resp == closed:
		return S3
	case orig == synSent && resp == inactive:
		return S0
	case orig == established && resp == established:
		return S1
	}
	return OTH
}

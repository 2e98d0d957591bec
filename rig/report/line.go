package report

import (
	"net/netip"
	"strconv"

	"github.com/spanrig/spanrig/rig/evidence"
)

// line is one flow, seen from the device.
type line struct{ *evidence.Flow }

// inbound reports whether the other end opened the flow.
func (l line) inbound() bool { return l.Device == "resp" }

// peer is the end that is not the device; of other hosts' flows the responder.
func (l line) peer() evidence.End {
	if l.inbound() {
		return l.Orig
	}
	return l.Resp
}

func (l line) sent() uint64 {
	if l.inbound() {
		return l.RespBytes
	}
	return l.OrigBytes
}

func (l line) received() uint64 { return l.OrigBytes + l.RespBytes - l.sent() }

// name is the best name of the peer, or its address. Names are those of the
// responder.
func (l line) name() string {
	if len(l.Names) > 0 && !l.inbound() {
		return l.Names[0].Name
	}
	return l.peer().Addr.String()
}

// service is the protocol and port of the responder: tcp/443.
func (l line) service() string {
	if l.Resp.Port == 0 {
		return l.Proto
	}
	return l.Proto + "/" + strconv.Itoa(int(l.Resp.Port))
}

// party is the index of the flow's party.
func (l line) party() int {
	if l.Device == "" {
		return partyCount - 1
	}
	return partyOf(l.Party)
}

func (l line) begin() int64 { return l.Start.UnixNano() }

// brief is the flow in one line, for the tip of its mark.
func (l line) brief() string {
	way := " to "
	if l.inbound() {
		way = " from "
	}
	return "flow " + l.key().String() + ": " + l.service() + way + l.name() + ", " + Size(l.sent()) + " sent, " + Size(l.received()) + " received"
}

func endText(e evidence.End) string {
	if e.Port == 0 {
		return e.Addr.String()
	}
	return netip.AddrPortFrom(e.Addr, e.Port).String()
}

// key names the flow in the recording, as evidence does.
func (l line) key() key { return key{l.File, l.ID} }

type key struct {
	file string
	flow uint64
}

func (k key) String() string {
	number := strconv.FormatUint(k.flow, 10)
	if k.file == "" {
		return number
	}
	return k.file + " " + number
}

// hello is what a client showed in TLS or QUIC.
type hello struct {
	version, cipher, ja3, ja4 string
	alpn                      []string
}

// hello returns what the flow shows of a handshake.
func (l line) hello() (h hello, ok bool) {
	switch {
	case l.QUIC != nil:
		q := l.QUIC
		return hello{q.Version, q.Cipher, "", q.JA4, q.ALPN}, true
	case l.TLS != nil:
		t := l.TLS
		return hello{t.Version, t.Cipher, t.JA3, t.JA4, t.ALPN}, true
	}
	return hello{}, false
}

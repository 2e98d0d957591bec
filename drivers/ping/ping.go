package ping

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/spanrig/spanrig/drivers"
)

// Echo sends an echo request (RFC 792, RFC 4443 section 4.1) with this
// identifier and sequence number, and waits for the reply until ctx ends, which
// is no error: the proof says that there was none.
func Echo(ctx context.Context, to netip.Addr, id, seq uint16) (drivers.Proof, error) {
	v := versions[to.Is6()]
	conn, err := icmp.ListenPacket(v.network, "")
	if errors.Is(err, os.ErrPermission) {
		return drivers.Proof{}, fmt.Errorf("ping %v: %w; give the program CAP_NET_RAW: setcap cap_net_raw+ep", to, err)
	}
	if err != nil {
		return drivers.Proof{}, fmt.Errorf("ping %v: %w", to, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	proof := drivers.Proof{Proto: v.name, Orig: netip.AddrPortFrom(source(to), 0), Resp: netip.AddrPortFrom(to, 0), EchoID: &id, EchoSeq: &seq}
	request := icmp.Message{Type: v.request, Body: &icmp.Echo{ID: int(id), Seq: int(seq), Data: []byte("spanrig control")}}
	b, err := request.Marshal(nil)
	if err != nil {
		return proof, err
	}
	if _, err := conn.WriteTo(b, &net.IPAddr{IP: to.AsSlice(), Zone: to.Zone()}); err != nil {
		return proof, fmt.Errorf("ping %v: %w", to, err)
	}
	proof.Answered = v.await(conn, to, id, seq)
	return proof, nil
}

// version is what ICMP of one IP version needs.
type version struct {
	network, name  string
	request, reply icmp.Type
	proto          int // IANA
}

var versions = map[bool]version{
	false: {"ip4:icmp", "icmp", ipv4.ICMPTypeEcho, ipv4.ICMPTypeEchoReply, 1},
	true:  {"ip6:ipv6-icmp", "ipv6-icmp", ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply, 58},
}

// await reads until the reply is there or the socket is closed.
func (v *version) await(conn *icmp.PacketConn, from netip.Addr, id, seq uint16) bool {
	b := make([]byte, 1<<16)
	for {
		n, peer, err := conn.ReadFrom(b)
		if err != nil {
			return false
		}
		m, err := icmp.ParseMessage(v.proto, b[:n])
		if err != nil || m.Type != v.reply || !same(peer, from) {
			continue
		}
		if e, ok := m.Body.(*icmp.Echo); ok && e.ID == int(id) && e.Seq == int(seq) {
			return true
		}
	}
}

func same(peer net.Addr, want netip.Addr) bool {
	a, ok := peer.(*net.IPAddr)
	if !ok {
		return false
	}
	got, ok := netip.AddrFromSlice(a.IP)
	return ok && got.Unmap() == want.Unmap().WithZone("")
}

// source is the address that the host would send from; no packet is sent to
// find it.
func source(to netip.Addr) netip.Addr {
	c, err := net.Dial("udp", netip.AddrPortFrom(to, 9).String())
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().WithZone("")
}

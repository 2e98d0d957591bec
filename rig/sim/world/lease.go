package world

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

const leaseTime = 24 * time.Hour

// leases is the DHCP server of the LAN (RFC 2131): the device always gets the
// same address, other hosts the next free one from .100 on.
type leases struct {
	resolvers []net.IP
	log       *accessLog
	mu        sync.Mutex
	given     map[string]netip.Addr // by MAC
}

func (w *World) listenLeases() error {
	if w.Interface == "" {
		return nil
	}
	l := &leases{log: w.log, given: map[string]netip.Addr{wiring.DeviceMAC: wiring.Device4}}
	for _, a := range w.Resolvers {
		if a.Is4() {
			l.resolvers = append(l.resolvers, a.AsSlice())
		}
	}
	server, err := server4.NewServer(w.Interface, nil, l.handle)
	if err != nil {
		return err
	}
	w.add("dhcp", until(net.ErrClosed, server.Serve), server.Close)
	return nil
}

func (l *leases) handle(conn net.PacketConn, peer net.Addr, m *dhcpv4.DHCPv4) {
	kind := dhcpv4.MessageTypeOffer
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
	case dhcpv4.MessageTypeRequest:
		kind = dhcpv4.MessageTypeAck
	default:
		return // a release or decline needs no answer
	}
	addr, err := l.give(m.ClientHWAddr.String())
	if asked := m.RequestedIPAddress(); err == nil && kind == dhcpv4.MessageTypeAck && asked != nil && !asked.Equal(addr.AsSlice()) {
		kind = dhcpv4.MessageTypeNak
	}
	if err != nil {
		return
	}
	answer, err := dhcpv4.NewReplyFromRequest(m, dhcpv4.WithMessageType(kind), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(wiring.Router4.AsSlice())))
	if err != nil {
		return
	}
	if kind != dhcpv4.MessageTypeNak {
		answer.YourIPAddr = addr.AsSlice()
		answer.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(wiring.LAN4.Bits(), 32)))
		answer.UpdateOption(dhcpv4.OptRouter(wiring.Router4.AsSlice()))
		answer.UpdateOption(dhcpv4.OptDNS(l.resolvers...))
		answer.UpdateOption(dhcpv4.OptIPAddressLeaseTime(leaseTime))
	}
	l.log.say("dhcp", peer, conn.LocalAddr(), m.ClientHWAddr.String(), kind.String()+" "+addr.String())
	_, _ = conn.WriteTo(answer.ToBytes(), peer) // the client asks again
}

var errFull = errors.New("no address is free")

func (l *leases) give(mac string) (netip.Addr, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a, ok := l.given[mac]; ok {
		return a, nil
	}
	b := wiring.LAN4.Addr().As4()
	next := 99 + len(l.given)
	if next > 250 {
		return netip.Addr{}, errFull
	}
	b[3] = byte(next)
	l.given[mac] = netip.AddrFrom4(b)
	return l.given[mac], nil
}

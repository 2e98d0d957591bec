package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	tick        = 10 * time.Millisecond  // how often the kernel is asked whether something has come about
	retry       = 500 * time.Millisecond // of DHCP; the bridge may take a second to see a device that comes up
	advertFor   = 4 * time.Second        // how long a router advertisement is waited for
	dhcpRetries = 20
)

func join(ctx context.Context) (Lease, error) {
	r, err := openHost()
	if err != nil {
		return Lease{}, err
	}
	defer r.close()
	if err := r.set(WLAN, true); err != nil {
		return Lease{}, err
	}
	if err := r.carrier(ctx); err != nil {
		return Lease{}, err
	}
	lease, err := ask(ctx)
	if err != nil {
		return Lease{}, err
	}
	if err := r.address(WLAN, lease.Addr.String()); err != nil {
		return Lease{}, err
	}
	if lease.Router.IsValid() {
		if err := r.defaultRoute(WLAN, lease.Router, metricLAN); err != nil {
			return Lease{}, err
		}
	}
	lease.Addr6, err = r.advertised(ctx)
	return lease, err
}

// carrier waits until there is an access point.
func (r *room) carrier(ctx context.Context) error {
	for {
		link, err := r.nl.LinkByName(WLAN)
		if err != nil {
			return fmt.Errorf("find interface %s: %w", WLAN, err)
		}
		if link.Attrs().RawFlags&unix.IFF_RUNNING != 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s has no carrier: %w", WLAN, ctx.Err())
		case <-time.After(tick):
		}
	}
}

// ask does the DHCP exchange as Android's client words it.
func ask(ctx context.Context) (Lease, error) {
	client, err := nclient4.New(WLAN, nclient4.WithTimeout(retry), nclient4.WithRetry(dhcpRetries))
	if err != nil {
		return Lease{}, fmt.Errorf("open a DHCP client on %s: %w", WLAN, err)
	}
	defer client.Close()
	got, err := client.Request(ctx,
		dhcpv4.WithOption(dhcpv4.OptClassIdentifier("android-dhcp-10")),
		dhcpv4.WithRequestedOptions(dhcpv4.OptionInterfaceMTU, dhcpv4.OptionIPAddressLeaseTime, dhcpv4.OptionDNSDomainSearchList))
	if err != nil {
		return Lease{}, fmt.Errorf("get a lease by DHCP: %w", err)
	}
	return leaseOf(got.ACK)
}

func leaseOf(ack *dhcpv4.DHCPv4) (Lease, error) {
	addr, ok := netip.AddrFromSlice(ack.YourIPAddr.To4())
	bits, _ := ack.SubnetMask().Size()
	if !ok || bits == 0 {
		return Lease{}, errors.New("the DHCP server gave no address with a mask")
	}
	l := Lease{Addr: netip.PrefixFrom(addr, bits), Until: time.Now().Add(ack.IPAddressLeaseTime(time.Hour))}
	for _, ip := range ack.Router() {
		if a, ok := netip.AddrFromSlice(ip.To4()); ok && !l.Router.IsValid() {
			l.Router = a
		}
	}
	for _, ip := range ack.DNS() {
		if a, ok := netip.AddrFromSlice(ip.To4()); ok {
			l.Resolvers = append(l.Resolvers, a)
		}
	}
	return l, nil
}

// advertised waits for the address that the kernel makes of a router
// advertisement; that none comes in time is no error.
func (r *room) advertised(ctx context.Context) (netip.Addr, error) {
	for until := time.Now().Add(advertFor); time.Now().Before(until); {
		list, err := r.addresses(netlink.FAMILY_V6)
		if err != nil {
			return netip.Addr{}, err
		}
		for _, a := range list {
			if addr, ok := netip.AddrFromSlice(a.IP); ok && addr.IsGlobalUnicast() {
				return addr, nil
			}
		}
		select {
		case <-ctx.Done():
			return netip.Addr{}, ctx.Err()
		case <-time.After(tick):
		}
	}
	return netip.Addr{}, nil
}

func (r *room) addresses(family int) ([]netlink.Addr, error) {
	link, err := r.nl.LinkByName(WLAN)
	if err != nil {
		return nil, fmt.Errorf("find interface %s: %w", WLAN, err)
	}
	list, err := Dump(func() ([]netlink.Addr, error) { return r.nl.AddrList(link, family) })
	if err != nil {
		return nil, fmt.Errorf("list addresses of %s: %w", WLAN, err)
	}
	return list, nil
}

func leave() error {
	r, err := openHost()
	if err != nil {
		return err
	}
	defer r.close()
	list, err := r.addresses(netlink.FAMILY_V4)
	if err != nil {
		return err
	}
	link, err := r.nl.LinkByName(WLAN)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", WLAN, err)
	}
	for i := range list {
		if err := r.nl.AddrDel(link, &list[i]); err != nil {
			return fmt.Errorf("take %s from %s: %w", list[i].IP, WLAN, err)
		}
	}
	return r.set(WLAN, false)
}

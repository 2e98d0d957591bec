package wiring

import (
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// room is one namespace and a way to speak to its kernel interfaces.
type room struct {
	ns netns.NsHandle
	nl *netlink.Handle
}

func enter(ns netns.NsHandle, err error) (*room, error) {
	if err != nil {
		return nil, err
	}
	nl, err := netlink.NewHandleAt(ns)
	if err != nil {
		_ = ns.Close()
		return nil, err
	}
	return &room{ns, nl}, nil
}

// openRoom opens a namespace of a bench.
func openRoom(name string, where Place) (*room, error) {
	r, err := enter(netns.GetFromName(namespaceName(name, where)))
	if err != nil {
		return nil, fmt.Errorf("open namespace %s: %w; is the bench up?", namespaceName(name, where), err)
	}
	return r, nil
}

// openHost opens the namespace of the caller.
func openHost() (*room, error) {
	r, err := enter(netns.Get())
	if err != nil {
		return nil, fmt.Errorf("open the network namespace of this process: %w", err)
	}
	return r, nil
}

func (r *room) close() {
	r.nl.Close()
	_ = r.ns.Close()
}

// end is one end of a cable.
type end struct {
	in   *room
	name string
	mac  string // empty: the kernel's choice
}

// cable makes a veth pair, both ends down.
func cable(a, b end) error {
	mac := func(s string) net.HardwareAddr {
		m, _ := net.ParseMAC(s)
		return m
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr = a.name, mac(a.mac)
	veth := &netlink.Veth{LinkAttrs: attrs, PeerName: b.name, PeerHardwareAddr: mac(b.mac), PeerNamespace: netlink.NsFd(int(b.in.ns))}
	if err := a.in.nl.LinkAdd(veth); err != nil {
		return fmt.Errorf("make cable from %s to %s: %w", a.name, b.name, err)
	}
	return nil
}

// set brings an interface up or down.
func (r *room) set(name string, on bool) error {
	link, err := r.nl.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", name, err)
	}
	if on {
		err = r.nl.LinkSetUp(link)
	} else {
		err = r.nl.LinkSetDown(link)
	}
	if err != nil {
		return fmt.Errorf("switch interface %s: %w", name, err)
	}
	return nil
}

// address gives an interface an address with its prefix; IPv6 ones are used at
// once, without the second of duplicate address detection.
func (r *room) address(name, prefix string) error {
	link, err := r.nl.LinkByName(name)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", name, err)
	}
	addr, err := netlink.ParseAddr(prefix)
	if err != nil {
		return err
	}
	if addr.IP.To4() == nil {
		addr.Flags = ifaNoDAD
	}
	if err := r.nl.AddrReplace(link, addr); err != nil {
		return fmt.Errorf("give %s to interface %s: %w", prefix, name, err)
	}
	return nil
}

const ifaNoDAD = 0x02 // IFA_F_NODAD

// bridgePorts makes the bridge and puts ports on it. It does not speak STP, so
// its ports forward at once, and floods multicast.
func (r *room) bridgePorts(ports ...string) error {
	attrs, snooping := netlink.NewLinkAttrs(), false
	attrs.Name = bridge
	b := &netlink.Bridge{LinkAttrs: attrs, MulticastSnooping: &snooping}
	if err := r.nl.LinkAdd(b); err != nil {
		return fmt.Errorf("make bridge: %w", err)
	}
	for _, name := range ports {
		link, err := r.nl.LinkByName(name)
		if err != nil {
			return fmt.Errorf("find interface %s: %w", name, err)
		}
		if err := r.nl.LinkSetMaster(link, b); err != nil {
			return fmt.Errorf("put %s on the bridge: %w", name, err)
		}
	}
	return nil
}

// setPort brings an interface of the switch up or down; its other end gains or
// loses carrier.
func setPort(w *Wiring, name string, on bool) error {
	r, err := openRoom(w.name, Switch)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.set(name, on); err != nil || !on {
		return err
	}
	// being asked for the link makes the kernel tell the bridge at once that
	// there is carrier, where it would else take up to a second (Linux 6.8 on)
	_, err = r.nl.LinkByName(name)
	return err
}

package wiring

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// raise builds a bench of a name of this test's own, with static addresses on
// the device, for package world answers no DHCP here.
func raise(t *testing.T, suffix string) *Wiring {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("not run: network namespaces need root")
	}
	name := fmt.Sprintf("t%d%s", os.Getpid()%1e6, suffix)
	w, err := Up(Config{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Down(name); err != nil {
			t.Error(err)
		}
		if list, err := remains(name); err != nil || len(list) > 0 {
			t.Errorf("left behind: %v, %v", list, err)
		}
	})
	settle(t, w)
	return w
}

// settle gives the device its addresses and routes.
func settle(t *testing.T, w *Wiring) {
	t.Helper()
	r, err := openRoom(w.name, Device)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	for _, err := range []error{
		r.set(WLAN, true),
		r.address(WLAN, netip.PrefixFrom(Device4, 24).String()), r.address(WLAN, netip.PrefixFrom(Device6, 64).String()),
		r.defaultRoute(WLAN, Router4, metricLAN), r.defaultRoute(WLAN, Router6, metricLAN),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ping sends one echo from the device and reports whether it was answered.
func ping(t *testing.T, w *Wiring, to string) bool {
	t.Helper()
	addr := netip.MustParseAddr(to)
	network, any4, request := "udp4", "0.0.0.0", icmp.Type(ipv4.ICMPTypeEcho)
	if addr.Is6() {
		network, any4, request = "udp6", "::", ipv6.ICMPTypeEchoRequest
	}
	var c *icmp.PacketConn
	err := w.Do(Device, func() (err error) {
		c, err = icmp.ListenPacket(network, any4)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m := icmp.Message{Type: request, Body: &icmp.Echo{Seq: 1, Data: []byte("spanrig")}}
	b, err := m.Marshal(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.WriteTo(b, &net.UDPAddr{IP: addr.AsSlice()}); err != nil {
		return false
	}
	_ = c.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
	_, _, err = c.ReadFrom(make([]byte, 1500))
	return err == nil
}

// watch opens the SPAN interface; the function returns the frames that came
// since, once 50 ms have passed without one.
func watch(t *testing.T, w *Wiring) func() [][]byte {
	t.Helper()
	i, err := net.InterfaceByName(w.SPAN())
	if err != nil {
		t.Fatal(err)
	}
	all := uint16(unix.ETH_P_ALL)<<8 | uint16(unix.ETH_P_ALL)>>8
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(all))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	wait := unix.NsecToTimeval(int64(50 * time.Millisecond))
	for _, err := range []error{
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index}),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return func() [][]byte {
		var list [][]byte
		for {
			b := make([]byte, 70000)
			n, _, err := unix.Recvfrom(fd, b, 0)
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case errors.Is(err, unix.EAGAIN):
				return list
			case err != nil && !errors.Is(err, unix.ENETDOWN):
				t.Fatal(err)
			}
			list = append(list, b[:n])
		}
	}
}

// echoes counts requests and replies among frames, of either family.
func echoes(frames [][]byte) (requests, replies int) {
	for _, f := range frames {
		at := 34
		if binary.BigEndian.Uint16(f[12:]) == unix.ETH_P_IPV6 {
			at = 54
		}
		if len(f) <= at || !bytes.Contains(f, []byte("spanrig")) {
			continue
		}
		switch f[at] {
		case 8, 128:
			requests++
		case 0, 129:
			replies++
		}
	}
	return requests, replies
}

func TestMirror(t *testing.T) {
	w := raise(t, "m")
	frames := watch(t, w)
	for _, to := range []string{Router4.String(), "192.0.2.200", "203.0.113.7", Router6.String(), "2001:db8:c::200"} {
		for m, want := range map[Mirror][2]int{MirrorBoth: {1, 1}, MirrorIn: {1, 0}, MirrorOut: {0, 1}, MirrorNone: {0, 0}, MirrorDoubled: {2, 2}} {
			if err := w.Mirror(m); err != nil {
				t.Fatal(err)
			}
			if !ping(t, w, to) {
				t.Errorf("%s does not answer", to)
			}
			if q, a := echoes(frames()); [2]int{q, a} != want {
				t.Errorf("mirror %d shows %d requests and %d replies of %s, want %v", m, q, a, to, want)
			}
		}
	}
}

// TestNeighbours shows that the device asks for its router by ARP and ND.
func TestNeighbours(t *testing.T) {
	w := raise(t, "n")
	frames := watch(t, w)
	if !ping(t, w, Router4.String()) || !ping(t, w, Router6.String()) {
		t.Fatal("the router does not answer")
	}
	arp, nd := 0, 0
	for _, f := range frames() {
		kind := binary.BigEndian.Uint16(f[12:])
		if kind == unix.ETH_P_ARP {
			arp++
		}
		if kind == unix.ETH_P_IPV6 && f[20] == unix.IPPROTO_ICMPV6 && (f[54] == 135 || f[54] == 136) {
			nd++
		}
	}
	if arp < 2 || nd < 2 {
		t.Errorf("%d frames of ARP, %d of ND", arp, nd)
	}
}

func TestChanges(t *testing.T) {
	w := raise(t, "c")
	server := Router4.String()
	for _, c := range []struct {
		name    string
		off, on func() error
	}{
		{"device port", w.Detach, w.Attach},
		{"uplink", func() error { return w.Uplink(false) }, func() error { return w.Uplink(true) }},
	} {
		if err := c.off(); err != nil {
			t.Fatal(err)
		}
		if ping(t, w, server) {
			t.Errorf("%s is off and the world answers", c.name)
		}
		if err := c.on(); err != nil {
			t.Fatal(err)
		}
		if !eventually(func() bool { return ping(t, w, server) }) {
			t.Errorf("%s is on again and the world does not answer", c.name)
		}
	}
	spanLink(t, w)
}

func spanLink(t *testing.T, w *Wiring) {
	t.Helper()
	running := func() bool {
		i, err := net.InterfaceByName(w.SPAN())
		return err == nil && i.Flags&net.FlagRunning != 0
	}
	frames := watch(t, w)
	if err := w.SPANLink(false); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return !running() }) || !ping(t, w, Router4.String()) || len(frames()) > 0 {
		t.Error("the SPAN link is down: it has carrier, or frames, or the device is cut off too")
	}
	if err := w.SPANLink(true); err != nil {
		t.Fatal(err)
	}
	if !eventually(running) || !ping(t, w, Router4.String()) || len(frames()) == 0 {
		t.Error("the SPAN link is up again and shows nothing")
	}
}

func eventually(ok func() bool) bool {
	for range 20 {
		if ok() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

func TestSecondUplink(t *testing.T) {
	w := raise(t, "u")
	device, err := openRoom(w.Name(), Device)
	if err != nil {
		t.Fatal(err)
	}
	defer device.close()
	if got := defaults(t, device, Cellular); got != 0 {
		t.Errorf("%d second default routes at first", got)
	}
	if err := w.SecondUplink(true); err != nil {
		t.Fatal(err)
	}
	if cell, lan := defaults(t, device, Cellular), defaults(t, device, WLAN); cell != 2 || lan != 2 {
		t.Errorf("%d default routes by the second uplink, %d by the first", cell, lan)
	}
	frames := watch(t, w)
	if err := errors.Join(w.Detach(), device.set(WLAN, false)); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return ping(t, w, "203.0.113.7") }) || !ping(t, w, "2001:db8:c::200") {
		t.Error("the world does not answer through the second uplink")
	}
	if q, a := echoes(frames()); q+a != 0 {
		t.Errorf("the mirror shows %d frames of the second uplink", q+a)
	}
	if err := w.SecondUplink(false); err != nil {
		t.Fatal(err)
	}
	if defaults(t, device, Cellular) != 0 || ping(t, w, "203.0.113.7") {
		t.Error("the second uplink is off and works")
	}
}

// defaults counts the default routes of an interface, of both families.
func defaults(t *testing.T, r *room, name string) int {
	t.Helper()
	link, err := r.nl.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := r.nl.RouteList(link, family)
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range routes {
			if bits, _ := route.Dst.Mask.Size(); bits == 0 {
				n++
			}
		}
	}
	return n
}

// TestBulk holds frames of a fast transfer against the MTU and counts that the
// mirror has all of it.
func TestBulk(t *testing.T) {
	w := raise(t, "b")
	const size = 8 << 20
	frames := watch(t, w)
	l, err := w.Listen(World, "tcp", "203.0.113.7:443")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, _ = c.Write(make([]byte, size))
			c.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := w.Dial(ctx, Device, "tcp", "203.0.113.7:443")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	start := time.Now()
	var got bytes.Buffer
	if n, err := got.ReadFrom(c); n != size || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	t.Logf("%.0f Mbit/s", float64(size)*8/1e6/time.Since(start).Seconds())
	seen := map[uint32]bool{}
	bytesSeen := 0
	for _, f := range frames() {
		if len(f) > 1514 {
			t.Fatalf("a frame of %d bytes", len(f))
		}
		if f[23] != unix.IPPROTO_TCP || binary.BigEndian.Uint16(f[34:]) != 443 {
			continue
		}
		if sum := checksum(f); sum != 0 {
			t.Fatalf("wrong TCP checksum %#x", sum)
		}
		payload := int(binary.BigEndian.Uint16(f[16:])) - 20 - int(f[46]>>4)*4
		if seq := binary.BigEndian.Uint32(f[38:]); payload > 0 && !seen[seq] {
			seen[seq] = true
			bytesSeen += payload
		}
	}
	if bytesSeen != size {
		t.Errorf("the mirror shows %d of %d bytes", bytesSeen, size)
	}
}

// checksum is that of TCP over IPv4 without options; 0 is right.
func checksum(f []byte) uint16 {
	segment := f[34 : 14+int(binary.BigEndian.Uint16(f[16:]))]
	sum := uint32(unix.IPPROTO_TCP) + uint32(len(segment))
	for _, part := range [][]byte{f[26:34], segment} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(part[i]) << 8
			if i+1 < len(part) {
				sum += uint32(part[i+1])
			}
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

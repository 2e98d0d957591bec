package span

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// linkState is what a routing netlink message (rtnetlink(7)) says of an interface.
type linkState struct {
	name      string
	index     int
	mtu       int
	hardware  uint16 // ARPHRD_
	gone      bool
	isUp      bool // by the administrator
	carrier   bool
	downs     uint32 // times that the carrier went, by the kernel's count; 0 where it keeps none
	hasCounts bool
	missed    uint64 // frames that the card had no room for
}

func (s *linkState) up() bool { return !s.gone && s.isUp && s.carrier }

// linkWatch hears of every change of an interface of this network namespace.
type linkWatch struct {
	fd  int
	buf []byte
}

func watchLinks() (*linkWatch, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("netlink socket", err)
	}
	w := &linkWatch{fd: fd, buf: make([]byte, 1<<16)}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		w.close()
		return nil, os.NewSyscallError("bind of netlink socket", err)
	}
	return w, nil
}

func (w *linkWatch) close() { _ = unix.Close(w.fd) }

// ask requests the state of an interface by name; read brings the answer.
func (w *linkWatch) ask(name string) error { return w.send(0, name) }

// askAll requests the state of all interfaces.
func (w *linkWatch) askAll() error { return w.send(unix.NLM_F_DUMP, "") }

func (w *linkWatch) send(flags uint16, name string) error {
	const head = unix.NLMSG_HDRLEN + unix.SizeofIfInfomsg
	b := make([]byte, head, head+4+unix.IFNAMSIZ)
	if name != "" {
		b = binary.NativeEndian.AppendUint16(b, uint16(4+len(name)+1))
		b = binary.NativeEndian.AppendUint16(b, unix.IFLA_IFNAME)
		b = append(append(b, name...), 0)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], unix.RTM_GETLINK)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|flags)
	return os.NewSyscallError("netlink request", unix.Sendto(w.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
}

// read returns the states that have come in. Where the kernel had more than the
// socket holds, some are lost and the error is unix.ENOBUFS.
func (w *linkWatch) read() ([]linkState, error) {
	var all []linkState
	for {
		n, _, err := unix.Recvfrom(w.fd, w.buf, 0)
		switch err {
		case nil:
			all = append(all, parseLinks(w.buf[:n])...)
		case unix.EINTR:
		case unix.EAGAIN:
			return all, nil
		default:
			return all, err
		}
	}
}

// snapshot returns the states of all interfaces by name.
func (w *linkWatch) snapshot() (map[string]linkState, error) {
	if err := w.askAll(); err != nil {
		return nil, err
	}
	all := map[string]linkState{}
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}, 1000); err != nil && err != unix.EINTR {
			return nil, os.NewSyscallError("netlink", err)
		}
		n, _, err := unix.Recvfrom(w.fd, w.buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("list of interfaces", err)
		}
		for _, s := range parseLinks(w.buf[:n]) {
			all[s.name] = s
		}
		if concludes(w.buf[:n]) {
			return all, nil
		}
	}
}

// parseLinks reads the link messages of a datagram; what does not fit ends it.
func parseLinks(b []byte) []linkState {
	var all []linkState
	for len(b) >= unix.NLMSG_HDRLEN {
		size, kind := binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint16(b[4:])
		if size < unix.NLMSG_HDRLEN || uint64(size) > uint64(len(b)) {
			break
		}
		if kind == unix.RTM_NEWLINK || kind == unix.RTM_DELLINK {
			if s, ok := parseLink(b[unix.NLMSG_HDRLEN:size]); ok {
				s.gone = kind == unix.RTM_DELLINK
				all = append(all, s)
			}
		}
		b = b[min(uint64(len(b)), (uint64(size)+3)&^3):]
	}
	return all
}

// parseLink reads a struct ifinfomsg and its attributes. Those of a bridge are
// about its ports, not about the interface.
func parseLink(b []byte) (s linkState, ok bool) {
	if len(b) < unix.SizeofIfInfomsg || b[0] != unix.AF_UNSPEC {
		return s, false
	}
	s.hardware = binary.NativeEndian.Uint16(b[2:])
	s.index = int(int32(binary.NativeEndian.Uint32(b[4:])))
	flags := binary.NativeEndian.Uint32(b[8:])
	const there = unix.IFF_RUNNING | unix.IFF_LOWER_UP // the latter at once, the former when the kernel gets to it
	s.isUp, s.carrier = flags&unix.IFF_UP != 0, flags&there == there
	for b = b[unix.SizeofIfInfomsg:]; len(b) >= 4; {
		size, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if size < 4 || size > len(b) {
			break
		}
		s.attribute(kind, b[4:size])
		b = b[min(len(b), (size+3)&^3):]
	}
	return s, s.name != ""
}

func (s *linkState) attribute(kind uint16, value []byte) {
	switch {
	case kind == unix.IFLA_IFNAME:
		s.name = strings.TrimRight(string(value), "\x00")
	case kind == unix.IFLA_MTU && len(value) >= 4:
		s.mtu = int(binary.NativeEndian.Uint32(value))
	case kind == unix.IFLA_CARRIER_DOWN_COUNT && len(value) >= 4:
		s.downs = binary.NativeEndian.Uint32(value)
	case kind == unix.IFLA_STATS64 && len(value) >= 16*8:
		s.hasCounts = true
		for _, n := range []int{11, 14, 15} { // rx_over_errors, rx_fifo_errors, rx_missed_errors
			s.missed += binary.NativeEndian.Uint64(value[n*8:])
		}
	}
}

// concludes reports whether a datagram holds the end of a list, or an error.
func concludes(b []byte) bool {
	for len(b) >= unix.NLMSG_HDRLEN {
		size, kind := binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint16(b[4:])
		if kind == unix.NLMSG_DONE || kind == unix.NLMSG_ERROR {
			return true
		}
		if size < unix.NLMSG_HDRLEN || uint64(size) > uint64(len(b)) {
			return true
		}
		b = b[min(uint64(len(b)), (uint64(size)+3)&^3):]
	}
	return false
}

// find returns an interface that can be recorded, or says what to do.
func find(all map[string]linkState, name string) (linkState, error) {
	s, ok := all[name]
	if !ok {
		return s, fmt.Errorf("no interface %q: there are %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	if !s.isUp {
		return s, fmt.Errorf("interface %s is down: run: ip link set %s up", name, name)
	}
	return s, nil
}

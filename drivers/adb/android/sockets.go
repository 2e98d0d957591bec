package android

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Sockets lists the TCP and UDP sockets that are open now, with their users.
// A connection in TIME_WAIT has no user any more and is left out.
func Sockets(ctx context.Context, b drivers.Bridge) ([]drivers.Socket, error) {
	var all []drivers.Socket
	for _, file := range []string{"tcp", "tcp6", "udp", "udp6"} {
		out, err := b.Run(ctx, "cat", "/proc/net/"+file)
		if err != nil {
			return nil, err
		}
		if out.Code != 0 && strings.HasSuffix(file, "6") && strings.Contains(string(out.Stderr), "No such file") {
			continue // a kernel without IPv6
		}
		if out.Code != 0 {
			return nil, commandError([]string{"cat", "/proc/net/" + file}, out)
		}
		sockets, err := ParseSockets(strings.TrimSuffix(file, "6"), out.Stdout)
		if err != nil {
			return nil, err
		}
		all = append(all, sockets...)
	}
	return all, nil
}

const timeWait = "06"

// ParseSockets reads /proc/net/tcp, tcp6, udp or udp6 of a little-endian
// kernel, as all of Android's are (Linux: Documentation/networking/proc_net_tcp.rst).
func ParseSockets(proto string, text []byte) ([]drivers.Socket, error) {
	sockets, first := []drivers.Socket{}, true
	for line := range lines(text) {
		words := strings.Fields(line)
		if first {
			if len(words) < 2 || words[0] != "sl" {
				return nil, fmt.Errorf("/proc/net/%s: it does not begin as it should", proto)
			}
			first = false
			continue
		}
		if len(words) == 0 {
			continue
		}
		s, state, err := parseSocket(words)
		if err != nil {
			return nil, fmt.Errorf("/proc/net/%s: the line %q: %w", proto, line, err)
		}
		if s.Proto = proto; proto == "udp" || state != timeWait {
			sockets = append(sockets, s)
		}
	}
	if first {
		return nil, fmt.Errorf("/proc/net/%s: it is empty", proto)
	}
	return sockets, nil
}

// parseSocket reads "sl local remote st tx:rx tr:when retrnsmt uid ...".
func parseSocket(words []string) (s drivers.Socket, state string, err error) {
	if len(words) < 8 {
		return s, "", errors.New("it is too short")
	}
	if s.Local, err = hexAddr(words[1]); err != nil {
		return s, "", err
	}
	if s.Remote, err = hexAddr(words[2]); err != nil {
		return s, "", err
	}
	uid, err := strconv.ParseUint(words[7], 10, 31)
	s.UID = int(uid)
	return s, words[3], err
}

// hexAddr reads "0100007F:1F90": the address as words of 32 bits, each with
// its bytes turned round, and the port.
func hexAddr(s string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(host)
	if err != nil || len(b) != 4 && len(b) != 16 {
		return netip.AddrPort{}, fmt.Errorf("address %q", s)
	}
	for i := 0; i < len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], binary.LittleEndian.Uint32(b[i:]))
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("port %q", s)
	}
	addr, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), nil
}

package dissect

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/captures"
)

// socksLimit bounds the negotiation of a direction: two names of 255 bytes and a password.
const socksLimit = 1 << 10

// socksStream reads the negotiation of SOCKS 4, 4a and 5 (RFC 1928) and gives
// what follows it to the protocol inside.
type socksStream struct {
	c     *Conversation
	inner *Conversation
	buf   [2][]byte
	past  [2]bool // the negotiation of the direction is over
	lost  [2]bool
}

func (s *socksStream) feed(dir captures.Dir, b []byte, at Mark) {
	if s.past[dir] {
		s.inner.Feed(dir, b, at)
		return
	}
	if s.lost[dir] {
		return
	}
	held := len(s.buf[dir])
	s.buf[dir] = append(s.buf[dir], b[:min(len(b), socksLimit-held)]...)
	n := s.negotiation(s.buf[dir])
	switch {
	case n > 0:
		s.past[dir], s.buf[dir] = true, nil
		if s.inner == nil {
			s.inner = s.c.within()
		}
		s.inner.Feed(dir, b[n-held:], at)
	case n < 0 || len(s.buf[dir]) == socksLimit:
		s.lost[dir], s.buf[dir] = true, nil
	}
}

// negotiation returns the length of what either side says before the tunnel: 0
// where it is not whole, -1 where it is none. It notes the target on its way.
func (s *socksStream) negotiation(b []byte) int {
	switch {
	case b[0] == 4:
		return s.request4(b)
	case b[0] == 0: // a reply of SOCKS 4
		if len(b) < 8 {
			return 0
		}
		return 8
	case b[0] != 5:
		return -1
	case len(b) < 2:
		return 0
	}
	// The client offers methods by count; the server picks one. The byte behind
	// tells which of them this was: a request, a reply or a log-in begins there.
	for _, skip := range []int{2 + int(b[1]), 2} {
		if len(b) > skip && (b[skip] == 5 || b[skip] == 1) {
			return s.behindMethods(b, skip)
		}
	}
	return 0
}

// behindMethods reads the log-in (RFC 1929), if any, and the request or reply.
func (s *socksStream) behindMethods(b []byte, off int) int {
	rest := b[off:]
	if rest[0] == 1 {
		n := loginLength(rest)
		if n == 0 || len(rest) <= n {
			return 0
		}
		off, rest = off+n, rest[n:]
	}
	if rest[0] != 5 {
		return -1
	}
	target, n := socksAddress(rest)
	if n <= 0 {
		return n
	}
	if off > 2 || rest[1] != 0 { // commands begin at 1; a reply of success is 0
		s.target(target, rest[1])
	}
	return off + n
}

func (s *socksStream) target(host string, command byte) {
	if s.c.facts.Target == "" && command >= 1 && command <= 3 {
		s.c.facts.Target = host
	}
}

// loginLength returns the length of user name and password, or of the answer.
func loginLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	if b[1] == 0 || len(b) > 2 && b[2] == 5 { // status: the server's answer
		return 2
	}
	user := 2 + int(b[1])
	if len(b) <= user {
		return 0
	}
	return user + 1 + int(b[user])
}

// socksAddress reads version, command, reserved byte, address and port.
func socksAddress(b []byte) (host string, n int) {
	if len(b) < 5 {
		return "", 0
	}
	switch b[3] {
	case 1:
		n = 4 + 4
	case 3:
		n = 5 + int(b[4])
	case 4:
		n = 4 + 16
	default:
		return "", -1
	}
	if len(b) < n+2 {
		return "", 0
	}
	if b[3] == 3 {
		return strings.ToLower(string(b[5:n])), n + 2
	}
	addr, _ := netip.AddrFromSlice(b[4:n])
	return addr.String(), n + 2
}

// request4 reads a SOCKS 4 request; an address 0.0.0.x announces a name (4a).
func (s *socksStream) request4(b []byte) int {
	if len(b) < 9 {
		return 0
	}
	user := bytes.IndexByte(b[8:], 0)
	if user < 0 {
		return 0
	}
	n := 8 + user + 1
	if ip := binary.BigEndian.Uint32(b[4:]); ip == 0 || ip > 255 {
		s.target(netip.AddrFrom4([4]byte(b[4:8])).String(), b[1])
		return n
	}
	name := bytes.IndexByte(b[n:], 0)
	if name < 0 {
		return 0
	}
	s.target(strings.ToLower(string(b[n:n+name])), b[1])
	return n + name + 1
}

func (s *socksStream) gap(dir captures.Dir, n uint64) {
	if s.past[dir] {
		s.inner.Gap(dir, n)
		return
	}
	s.lost[dir], s.buf[dir] = true, nil
}

func (s *socksStream) wants(dir captures.Dir) bool {
	if s.past[dir] {
		return s.inner.Wants(dir)
	}
	return !s.lost[dir]
}

func (s *socksStream) peek(dir captures.Dir, segment []byte, at Mark) {
	if s.past[dir] {
		s.inner.Peek(dir, segment, at)
	}
}

// socksUser bounds the user name of SOCKS 4.
const socksUser = 64

// matchSOCKS recognises the first message of a client. That of SOCKS 5 is three
// bytes or little more: it takes the request behind it to be sure, and until
// then the server's choice of a method is kept.
func matchSOCKS(c *Conversation, dir captures.Dir, b []byte) (Protocol, int8) {
	switch b[0] {
	case 4:
		return SOCKSProtocol, looksLikeSOCKS4(b)
	case 5:
		verdict := looksLikeSOCKS5(b)
		if verdict == no && c.search != nil {
			if other := c.search.heads[dir.Reverse()].buf; len(other) > 0 && other[0] == 5 {
				return "", more
			}
		}
		return SOCKSProtocol, verdict
	}
	return "", no
}

// looksLikeSOCKS5 judges the offered methods, and the version of what follows.
func looksLikeSOCKS5(b []byte) int8 {
	if len(b) < 2 {
		return more
	}
	end := 2 + int(b[1])
	if b[1] == 0 || b[1] > 8 {
		return no
	}
	for _, method := range b[2:min(len(b), end)] {
		if method > 9 && method != 0x80 && method != 0x86 {
			return no
		}
	}
	switch {
	case len(b) <= end:
		return more
	case b[end] == 5 || b[end] == 1:
		return yes
	}
	return no
}

// looksLikeSOCKS4 judges command, port and user name.
func looksLikeSOCKS4(b []byte) int8 {
	if len(b) < 9 {
		if len(b) > 1 && b[1] != 1 && b[1] != 2 {
			return no
		}
		return more
	}
	user := b[8:min(len(b), 8+socksUser)]
	i := bytes.IndexByte(user, 0)
	switch {
	case b[1] != 1 && b[1] != 2, b[2] == 0 && b[3] == 0:
		return no
	case i < 0 && len(user) < socksUser:
		return more
	case i < 0, bytes.ContainsFunc(user[:i], func(r rune) bool { return r < ' ' || r > '~' }):
		return no
	}
	return yes
}

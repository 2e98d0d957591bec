package controller

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
)

// Prove implements [drivers.Prover]: with a port, a TCP connection that carries
// the challenge's text, from its source port where the device lets nc choose
// that; the proof says from which. Without a port, an ICMP echo. A
// connection that is refused was answered, for the refusal came from the other
// side. A try whose time is up is one without an answer, and no error.
func (c *Controller) Prove(ctx context.Context, ch drivers.Challenge) (drivers.Proof, error) {
	if err := c.standing.Refusal(); err != nil {
		return drivers.Proof{}, err
	}
	target := netip.AddrPortFrom(ch.Target.Addr().Unmap(), ch.Target.Port())
	if !target.Addr().IsValid() {
		return drivers.Proof{}, errors.New("prove: the challenge has no target")
	}
	source, err := c.sourceTowards(ctx, target.Addr())
	if err != nil {
		return drivers.Proof{}, err
	}
	p := drivers.Proof{Name: ch.Name, Orig: netip.AddrPortFrom(source, ch.Source), Resp: target}
	if target.Port() == 0 {
		p.Orig = netip.AddrPortFrom(source, 0)
		return c.proveEcho(ctx, ch, p)
	}
	p.Proto = "tcp"
	return c.proveTCP(ctx, ch, p)
}

// sourceTowards is the address that the device sends from.
func (c *Controller) sourceTowards(ctx context.Context, target netip.Addr) (netip.Addr, error) {
	text, err := c.run(ctx, "ip", "route", "get", target.String())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("no route of the device to %s: %w", target, err)
	}
	words := strings.Fields(text)
	for i := range len(words) - 1 {
		if words[i] == "src" {
			if a, err := netip.ParseAddr(words[i+1]); err == nil {
				return a, nil
			}
		}
	}
	return netip.Addr{}, fmt.Errorf("the device names no source address towards %s: %q", target, oneLine(text))
}

// whom is the name to connect to, or the address.
func whom(ch drivers.Challenge, p drivers.Proof) string {
	if ch.Name != "" {
		return ch.Name
	}
	return p.Resp.Addr().String()
}

// reaching sends a text, and lists the device's connections before and while
// there is one: toybox nc takes a port to send from, but of version 0.8.9 it is
// known that it does not use it. So the text waits for a moment, in which the
// connection can be looked at.
const reaching = `tables() { echo "== $1"; cat /proc/net/tcp 2>/dev/null; echo "== $1 6"; cat /proc/net/tcp6 2>/dev/null; echo "== nc"; }
tables before
{ sleep 0.3; printf '%s\n' "$1"; } | nc -w "$2" -p "$3" "$4" "$5" &
sleep 0.1
tables early
sleep 0.1
tables late
wait $!`

func (c *Controller) proveTCP(ctx context.Context, ch drivers.Challenge, p drivers.Proof) (drivers.Proof, error) {
	out, err := c.config.Bridge.Run(ctx, "sh", "-c", reaching, "sh", ch.Text, strconv.Itoa(left(ctx)),
		strconv.Itoa(int(ch.Source)), whom(ch, p), strconv.Itoa(int(p.Resp.Port())))
	switch {
	case err != nil && ctx.Err() != nil && !lost(err):
		return p, nil
	case err != nil:
		return drivers.Proof{}, fmt.Errorf("nc: %w", err)
	case out.Code == 127, bytes.Contains(out.Stderr, []byte("in use")): // nothing was sent
		return drivers.Proof{}, c.complaint([]string{"nc"}, out)
	}
	p.Answered = connected(out)
	seen, ok := seenFrom(sections(out.Stdout), p)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case ok:
		c.ownPorts = seen.Port() != ch.Source
		p.Orig = seen
	case c.ownPorts:
		return drivers.Proof{}, fmt.Errorf("the device's nc chooses its own source port, and the connection to %s was over before it could be seen; let the control's target be a host that listens there", p.Resp)
	}
	return p, nil
}

// seenFrom finds the local end of the connection that came, where exactly one
// may be meant.
func seenFrom(parts map[string][]byte, p drivers.Proof) (netip.AddrPort, bool) {
	before := localEnds(parts["before"], parts["before 6"], p.Resp)
	var came []netip.AddrPort
	for _, end := range append(localEnds(parts["early"], parts["early 6"], p.Resp), localEnds(parts["late"], parts["late 6"], p.Resp)...) {
		if end.Port() == p.Orig.Port() {
			return end, true
		}
		if !slices.Contains(before, end) && !slices.Contains(came, end) {
			came = append(came, end)
		}
	}
	if len(came) != 1 {
		return netip.AddrPort{}, false
	}
	return came[0], true
}

// localEnds lists the local ends of connections to a target. A table that
// cannot be read has none.
func localEnds(tcp, tcp6 []byte, target netip.AddrPort) (ends []netip.AddrPort) {
	for _, text := range [][]byte{tcp, tcp6} {
		sockets, err := android.ParseSockets("tcp", text)
		if err != nil {
			continue
		}
		for _, s := range sockets {
			if netip.AddrPortFrom(s.Remote.Addr().Unmap(), s.Remote.Port()) == target {
				ends = append(ends, netip.AddrPortFrom(s.Local.Addr().Unmap(), s.Local.Port()))
			}
		}
	}
	return ends
}

// sections takes apart what was printed behind lines "== NAME"; parts of one
// name are joined.
func sections(b []byte) map[string][]byte {
	parts := map[string][]byte{}
	part := ""
	for line := range bytes.Lines(b) {
		if name, ok := strings.CutPrefix(string(bytes.TrimSpace(line)), "== "); ok {
			part = name
			continue
		}
		parts[part] = append(parts[part], line...)
	}
	return parts
}

// connected reports whether the other side answered: by the text, by taking the
// connection, or by refusing it.
func connected(out drivers.Output) bool {
	words := strings.ToLower(string(out.Stderr))
	return out.Code == 0 || strings.Contains(words, "refused") || strings.Contains(words, "reset by peer")
}

// tryTime is how long a control waits for its answer, in seconds.
const tryTime = 2

// left is what the context leaves of it.
func left(ctx context.Context) int {
	if deadline, ok := ctx.Deadline(); ok {
		return max(1, min(tryTime, int(time.Until(deadline)/time.Second)))
	}
	return tryTime
}

package controller

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Prove implements [drivers.Prover]: with a port, a TCP connection from the
// challenge's source port that carries its text; without, an ICMP echo. A
// connection that is refused was answered, for the refusal came from the other
// side. A try whose time is up is one without an answer, and no error.
func (c *Controller) Prove(ctx context.Context, ch drivers.Challenge) (drivers.Proof, error) {
	if err := c.refusal(); err != nil {
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

// netcat sends a text and prints what comes back. toybox nc has no reading of
// exit codes beyond 0 and 1: its words tell refused from timed out.
const netcat = `printf '%s\n' "$1" | nc -w "$2" -p "$3" "$4" "$5"`

func (c *Controller) proveTCP(ctx context.Context, ch drivers.Challenge, p drivers.Proof) (drivers.Proof, error) {
	out, err := c.config.Bridge.Run(ctx, "sh", "-c", netcat, "sh", ch.Text, strconv.Itoa(left(ctx)),
		strconv.Itoa(int(ch.Source)), whom(ch, p), strconv.Itoa(int(p.Resp.Port())))
	switch {
	case err != nil && ctx.Err() != nil && !lost(err):
		return p, nil
	case err != nil:
		return drivers.Proof{}, fmt.Errorf("nc: %w", err)
	case out.Code == 127:
		return drivers.Proof{}, c.complaint([]string{"nc"}, out)
	}
	p.Answered = connected(out)
	return p, nil
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

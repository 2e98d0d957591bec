package record

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/ping"
	"github.com/spanrig/spanrig/rig"
)

// mostTries of a control; the first that is answered ends the slot.
const mostTries = 3

// Bounds of one try: three of them fit into a period.
const (
	longestTry  = 2 * time.Second
	shortestTry = 700 * time.Millisecond
)

// Source ports of controls: beyond those that Linux gives out by itself
// (32768 to 60999), so that no other flow has them.
const (
	firstPort = 61000
	ports     = 4000
)

// controls sends the proofs that the sensor is alive.
type controls struct {
	s    *Session
	send func(ctx context.Context, n int) (drivers.Proof, error)
	by   string

	mu    sync.Mutex
	count int // of tries, in names and ports
	first int // offset of the first port: those of the run before may still wait
	echo  uint16
}

// newControls lets the device send them where it can, else the rig, whose
// pings the device answers.
func newControls(s *Session) *controls {
	c := &controls{s: s, first: rand.IntN(ports), echo: uint16(rand.Uint32())}
	prover, ok := s.hands.(drivers.Prover)
	if ok && !s.config.Control.ByRig {
		c.by = "device"
		c.send = func(ctx context.Context, n int) (drivers.Proof, error) { return prover.Prove(ctx, c.challenge(n)) }
		return c
	}
	c.by = "rig"
	c.send = c.ping
	return c
}

func (c *controls) challenge(n int) drivers.Challenge {
	target := c.s.config.Control.Target
	ch := drivers.Challenge{Target: target, Source: uint16(firstPort + (c.first+n)%ports), Text: fmt.Sprintf("%s-%d", c.s.run, n)}
	if zone := c.s.config.Control.Zone; zone != "" {
		ch.Name = ch.Text + "." + zone
	}
	return ch
}

// ping sends an echo request of the rig to the device.
func (c *controls) ping(ctx context.Context, n int) (drivers.Proof, error) {
	addr, ok := c.s.deviceAddr()
	if !ok {
		return drivers.Proof{}, fmt.Errorf("no address of the device is known")
	}
	return ping.Echo(ctx, addr, c.echo, uint16(n))
}

// deviceAddr is an address of the device that the rig can ping.
func (s *Session) deviceAddr() (netip.Addr, bool) {
	for _, a := range s.device.Addrs {
		if a.Is4() || a.IsGlobalUnicast() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// keep fills one slot each period, until ctx ends. The slot at the start is the
// caller's.
func (c *controls) keep(ctx context.Context, window string, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.slot(ctx, window, every)
		}
	}
}

// last fills the slot at the end of a window. One that took longer than a
// control may be late proves nothing of the end, and is made again.
func (c *controls) last(ctx context.Context, window string, every time.Duration) {
	for range mostTries {
		began := time.Now()
		c.slot(ctx, window, every)
		if time.Since(began) < every/3 || ctx.Err() != nil {
			return
		}
	}
}

// slot makes up to three tries. Each has a line in the journal before the device
// sends anything, else what it sent would be taken for the app's where the rig
// is killed in between, and one after; it is not cut short.
func (c *controls) slot(ctx context.Context, window string, every time.Duration) {
	if ctx.Err() != nil {
		return
	}
	answered := false
	for try := 1; try <= mostTries && !answered && (try == 1 || ctx.Err() == nil); try++ {
		n := c.next()
		c.announce(window, try, n)
		one, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(longestTry, max(every/mostTries, shortestTry)))
		proof, err := c.send(one, n)
		cancel()
		if err != nil {
			c.s.unread("control", err)
			proof = c.presumed(n)
		}
		answered = proof.Answered
		if proof.Orig.IsValid() {
			c.s.journal.note(rig.KindControl, c.keys(window, try, proof))
		}
	}
	c.s.tell(func(st *Status) {
		st.Slots++
		if answered {
			st.Controls++
		}
	})
}

// announce tells the journal what the device is about to send.
func (c *controls) announce(window string, try, n int) {
	if c.by != "device" {
		return
	}
	ch := c.challenge(n)
	keys := map[string]any{"window": window, "try": try, "target": end(ch.Target)}
	if ch.Target.Port() != 0 {
		keys["port"] = ch.Source
	}
	if ch.Name != "" {
		keys["name"] = ch.Name
	}
	c.s.journal.note(rig.KindProving, keys)
}

// presumed is the flow of a try of which nobody knows whether it was sent.
func (c *controls) presumed(n int) drivers.Proof {
	ch := c.challenge(n)
	addr, known := c.s.deviceAddr()
	if c.by != "device" || !known || ch.Target.Port() == 0 {
		return drivers.Proof{}
	}
	return drivers.Proof{Name: ch.Name, Proto: "tcp", Orig: netip.AddrPortFrom(addr, ch.Source), Resp: ch.Target}
}

func (c *controls) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	return c.count
}

func (c *controls) keys(window string, try int, p drivers.Proof) map[string]any {
	flow := map[string]any{"proto": p.Proto, "orig": end(p.Orig), "resp": end(p.Resp)}
	if p.EchoID != nil {
		flow["icmp_id"] = *p.EchoID
	}
	if p.EchoSeq != nil {
		flow["icmp_seq"] = *p.EchoSeq
	}
	keys := map[string]any{"window": window, "try": try, "flow": flow, "answered": p.Answered, "by": c.by}
	if p.Name != "" {
		keys["name"] = p.Name
	}
	return keys
}

// end is an endpoint as the contract writes it.
func end(a netip.AddrPort) map[string]any {
	return map[string]any{"addr": a.Addr().String(), "port": a.Port()}
}

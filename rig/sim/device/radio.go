package device

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/spanrig/spanrig/rig/sim/wiring"
)

// radio is Wi-Fi: it joins the LAN where it is switched on, and stays.
type radio struct {
	device  *device
	mu      sync.Mutex
	on      bool
	dead    bool
	lease   wiring.Lease // not valid where it has none
	changed chan struct{}
	end     context.CancelFunc // of a try to join
}

func newRadio(d *device, on bool) *radio {
	return &radio{device: d, on: on, changed: make(chan struct{}, 1)}
}

// set switches Wi-Fi.
func (r *radio) set(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = on
	if r.end != nil {
		r.end()
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// joined is the lease, where there is one.
func (r *radio) joined() (wiring.Lease, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lease, r.lease.Addr.IsValid()
}

// off is what a reboot does, at once and for good.
func (r *radio) off() {
	r.mu.Lock()
	r.dead = true
	if r.end != nil {
		r.end()
	}
	r.mu.Unlock()
	r.leave()
}

func (r *radio) leave() {
	if err := wiring.Leave(); err != nil {
		r.device.log.add("WifiService", "%v", err)
	}
}

// run follows the switch until ctx ends.
func (r *radio) run(ctx context.Context) error {
	for {
		switch _, joined := r.joined(); {
		case r.wanted() && !joined:
			r.join(ctx)
		case !r.wanted() && joined:
			r.drop()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.changed:
		case <-r.again():
		}
	}
}

func (r *radio) wanted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.on && !r.dead
}

// again is when to try once more, where there is something to try.
func (r *radio) again() <-chan time.Time {
	if _, joined := r.joined(); joined == r.wanted() {
		return nil
	}
	return time.After(500 * time.Millisecond)
}

// join gets a lease; what fails is tried again.
func (r *radio) join(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	r.mu.Lock()
	r.end = cancel
	r.mu.Unlock()
	lease, err := wiring.Join(ctx)
	if err != nil {
		if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
			r.device.log.add("DhcpClient", "%v", err)
		}
		r.leave() // it may have had an address already
		return
	}
	r.mu.Lock()
	if r.dead {
		r.mu.Unlock()
		r.leave()
		return
	}
	r.lease = lease
	r.mu.Unlock()
	d := r.device
	d.mu.Lock()
	d.resolvers = slices.Clone(lease.Resolvers)
	if lease.Addr6.IsValid() {
		d.resolvers = append(d.resolvers, wiring.Router6) // that router advertisements name
	}
	d.mu.Unlock()
	d.log.add("ConnectivityService", "NetworkAgentInfo [WIFI () - 100] connected, address %v", lease.Addr)
	d.tell(Attached, lease.Addr.String())
	d.running().traffic.attach()
}

// drop leaves the network: every connection over it is dead.
func (r *radio) drop() {
	r.mu.Lock()
	r.lease = wiring.Lease{}
	r.mu.Unlock()
	d := r.device
	d.mu.Lock()
	d.resolvers = nil
	d.mu.Unlock()
	r.leave()
	b := d.running()
	b.traffic.detach()
	b.app.NetworkLost()
	d.tell(Detached, "")
}

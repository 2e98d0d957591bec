package pilot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// Watch is something that happens when a trigger says so.
type Watch struct {
	When Trigger
	Do   func(context.Context)
}

// watches are those of the knobs and of the device around the app.
func (a *App) watches() []Watch {
	k := &a.config.Knobs
	list := append([]Watch(nil), a.config.Watches...)
	for _, l := range k.Leaks {
		list = append(list, Watch{l.When, func(ctx context.Context) { a.leak(ctx, l) }})
	}
	if k.Unreadable != nil {
		list = append(list, Watch{*k.Unreadable, func(ctx context.Context) { a.blur(ctx) }})
	}
	if k.Crash != nil && !a.crashed {
		list = append(list, Watch{*k.Crash, func(context.Context) { a.crash() }})
	}
	return list
}

// happens starts what waits for an event; the app is locked.
func (p *process) happens(e Event) {
	if e == Enter {
		p.leaveMode()
		p.modeCtx, p.leaveMode = context.WithCancel(p.ctx)
	}
	for _, w := range p.app.watches() {
		if w.When.On != e || w.When.In != drivers.Unknown && w.When.In != p.app.state.Mode {
			continue
		}
		ctx := p.ctx
		if w.When.In != drivers.Unknown {
			ctx = p.modeCtx
		}
		go p.watch(ctx, w)
	}
}

// watch waits until nobody has touched the screen for long enough.
func (p *process) watch(ctx context.Context, w Watch) {
	from, quiet := time.Now(), p.app.config.Pace.Of(w.When.Quiet)
	for wait := quiet; wait > 0; wait = quiet - time.Since(p.app.lastTouch(from)) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
	for ctx.Err() == nil {
		w.Do(ctx)
		if w.When.Every == 0 {
			return
		}
		p.pause(ctx, w.When.Every)
	}
}

// lastTouch is when the screen was touched last, but not before from.
func (a *App) lastTouch(from time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.touched.After(from) {
		return a.touched
	}
	return from
}

// Booted tells the app that the device has booted. Apps may listen to that
// without having been opened.
func (a *App) Booted(ctx context.Context) {
	mode := a.Mode()
	for _, l := range a.config.Knobs.Leaks {
		if l.When.On != Boot || l.When.In != drivers.Unknown && l.When.In != mode {
			continue
		}
		receiver := a.config.Host.User(a.config.UID)
		if err := say(ctx, receiver, l, a.config.Serial); err != nil && ctx.Err() == nil {
			a.config.Log("BootReceiver", "%v", err)
		}
		receiver.Kill()
	}
}

// blur makes the mode unreadable until it is left.
func (a *App) blur(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.blurred = ctx.Err() == nil
}

// leak sends something that should not be sent.
func (a *App) leak(ctx context.Context, l Leak) {
	a.mu.Lock()
	p := a.proc
	if p != nil && ctx.Err() == nil {
		a.tell("leak", fmt.Sprintf("%s to %s", l.How, l.To.Name))
	}
	a.mu.Unlock()
	if p == nil {
		return
	}
	if err := say(ctx, p.user, l, a.config.Serial); err != nil && ctx.Err() == nil {
		a.config.Log("OkHttp", "<-- HTTP FAILED: %v", err)
	}
}

// say speaks as a leak wants it.
func say(ctx context.Context, u *talk.User, l Leak, serial string) error {
	r := talk.Request{To: l.To, Path: "/v1/event", Body: `{"event":"ping"}`}
	switch l.How {
	case OverTLS10:
		r.Newest = tls.VersionTLS10
	case OverQUIC:
		r.QUIC = true
	case OverHTTP:
		r.Clear = true
	case Serial:
		r.Clear, r.Path = true, "/v1/event?sn="+serial
	case OverMQTT:
		return publish(ctx, u, l.To)
	case OverRTMP:
		return u.Stream(ctx, l.To, make([]byte, 4096))
	case OverUDP:
		l.To.Addrs = u.Known(l.To.Name)
		if len(l.To.Addrs) == 0 {
			return fmt.Errorf("the address of %s is not known yet", l.To.Name)
		}
		return u.Exchange(ctx, l.To, []byte{0x55, 0x16, 0x04, 0x91, 0x02, 0x7e, 0xe3, 0x00, 0x10, 0x9c})
	case OverDoH:
		return u.AskHidden(ctx, l.To, "api.dji.com")
	case OnlyAsks:
		_, err := u.Lookup(ctx, l.To.Name, l.To.Family)
		return err
	}
	return u.Request(ctx, r)
}

func publish(ctx context.Context, u *talk.User, to talk.Peer) error {
	m, err := u.DialMQTT(ctx, to, "rc-simulated", true)
	if err != nil {
		return err
	}
	return errors.Join(m.Publish("thing/product/rc/events", `{"event":"ping"}`), m.Close())
}

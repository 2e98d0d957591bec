package pilot

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
	"github.com/spanrig/spanrig/rig/sim/world"
)

// job is something that the app does by itself.
type job struct {
	service      string // whose switch it obeys; core: none
	first, every time.Duration
	do           func(context.Context, *process) error
}

// background jobs, at pace 1. The session with the broker is beside them.
var background = []job{
	{core, 0, 0, get("active.dji.com", "/api/v1/activate", 0)},
	{core, 200 * time.Millisecond, 0, get("mydjiflight.dji.com", "/area_code", 0)},
	{"improvement", 300 * time.Millisecond, 2 * time.Second, report},
	{"improvement", 500 * time.Millisecond, 3 * time.Second, measure},
	{"flysafe", 400 * time.Millisecond, 20 * time.Second, get("flysafe-api.dji.com", "/v1/zones", 0)},
	{"firmware", 600 * time.Millisecond, 30 * time.Second, get("adhoc.djiservice.org", "/app/upgrade/public/check", 0)},
}

func get(name, path string, family int) func(context.Context, *process) error {
	return func(ctx context.Context, p *process) error {
		return p.request(ctx, talk.Request{To: talk.Peer{Name: name, Port: httpsPort, Family: family}, Path: path})
	}
}

// report sends usage over IPv6 where the network has it.
func report(ctx context.Context, p *process) error {
	r := talk.Request{To: talk.Peer{Name: "statistical-report.djiservice.org", Port: httpsPort, Family: 6}, Path: "/v1/report", Body: `{"event":"heartbeat"}`}
	if err := p.request(ctx, r); err == nil || ctx.Err() != nil {
		return err
	}
	r.To.Family = 4
	return p.request(ctx, r)
}

// measure sends measurements over HTTP/3.
func measure(ctx context.Context, p *process) error {
	return p.request(ctx, talk.Request{To: talk.Peer{Name: "apigateway.djiservice.org", Port: httpsPort}, Path: "/v1/metrics", Body: `{"fps":30}`, QUIC: true})
}

const mqttsPort, mqttPort = 8883, 1883

// session is the app's session with the broker, over MQTT and TLS.
type session struct {
	cancel context.CancelFunc
	over   chan struct{} // closed when the connection is
	quiet  atomic.Bool   // says nothing
	last   atomic.Bool   // a connection that is lost is not made again
}

// settleSession opens the session where it is allowed and closes it where not,
// but for an app that keeps it open.
func (p *process) settleSession() {
	knobs := &p.app.config.Knobs
	keeps := knobs.KeepsOpen && p.app.state.Mode == drivers.LocalData
	if p.session != nil {
		p.session.quiet.Store(keeps && knobs.FallsQuiet)
		p.session.last.Store(keeps)
	}
	switch allowed := p.app.allows("cloud"); {
	case keeps:
	case p.session == nil && allowed:
		p.openSession()
	case p.session != nil && !allowed:
		p.closeSession()
	}
}

func (p *process) closeSession() {
	p.session.cancel()
	<-p.session.over
	p.session = nil
}

func (p *process) openSession() {
	ctx, cancel := context.WithCancel(p.ctx)
	s := &session{cancel: cancel, over: make(chan struct{})}
	p.session = s
	go func() {
		defer close(s.over)
		for ctx.Err() == nil {
			if s.last.Load() {
				<-ctx.Done()
				return
			}
			if err := s.talk(ctx, p); err != nil && ctx.Err() == nil {
				p.app.config.Log("MqttAsyncClient", "connection lost: %v", err)
			}
			p.pause(ctx, time.Second)
		}
	}()
}

func (p *process) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(p.app.config.Pace.Of(d)):
	}
}

// talk publishes the device's state every second until ctx ends.
func (s *session) talk(ctx context.Context, p *process) error {
	m, err := p.user.DialMQTT(ctx, talk.Peer{Name: world.Broker, Port: mqttsPort}, "rc-simulated", false)
	if err != nil {
		return err
	}
	defer m.Close()
	for ctx.Err() == nil {
		if !s.quiet.Load() {
			if err := m.Publish("thing/product/rc/osd", `{"battery":87}`); err != nil {
				return err
			}
		}
		p.pause(ctx, time.Second)
	}
	return nil
}

// logIn sends what the account service wants to see, without the password that
// was typed: the world would take any.
func (p *process) logIn() {
	p.run(0, 0, func(ctx context.Context, p *process) error {
		return p.request(ctx, talk.Request{To: talk.Peer{Name: "account-api.dji.com", Port: httpsPort}, Path: "/v1/login", Body: `{"simulated":true}`})
	})
}

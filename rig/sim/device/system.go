package device

import (
	"context"
	"sync"
	"time"

	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// Users of Android's system (system/core/include/private/android_filesystem_config.h).
const (
	systemUID  = 1000
	mdnsUID    = 1020
	gpsUID     = 1021
	shellUID   = 2000
	networkUID = 1073
)

const (
	probeHost       = "connectivitycheck.gstatic.com"
	secureProbeHost = "www.google.com"
	probePath       = "/generate_204"
	timeServer      = "time.android.com"
	satellites      = "xtrapath1.izatcloud.net"
)

// system is the noise of Android and its chips: what the policy's system list
// and exceptions explain, and nothing else.
type system struct {
	device *device
	users  map[int]*talk.User
	mu     sync.Mutex
	cancel context.CancelFunc
	jobs   sync.WaitGroup
}

// habit is something that the system does by itself while it is on a network,
// once it has joined and again and again.
type habit struct {
	uid          int
	first, every time.Duration
	do           func(context.Context, *talk.User, *device) error
}

// habits, at pace 1. A real device has them minutes and hours apart.
var habits = []habit{
	{networkUID, 0, 15 * time.Second, probe},
	{networkUID, 50 * time.Millisecond, 0, secureProbe},
	{networkUID, 20 * time.Millisecond, 0, tryDoT},
	{systemUID, 300 * time.Millisecond, 7 * time.Second, func(ctx context.Context, u *talk.User, _ *device) error { return u.AskTime(ctx, timeServer) }},
	{gpsUID, 700 * time.Millisecond, 20 * time.Second, almanac},
	{mdnsUID, 400 * time.Millisecond, 10 * time.Second, func(ctx context.Context, u *talk.User, _ *device) error {
		return u.Browse(ctx, "_googlecast._tcp.local")
	}},
}

const probeAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36"

// probe asks whether the internet is there, in the clear by design.
func probe(ctx context.Context, u *talk.User, _ *device) error {
	return u.Request(ctx, talk.Request{To: talk.Peer{Name: probeHost, Port: 80}, Path: probePath, Agent: probeAgent, Clear: true})
}

func secureProbe(ctx context.Context, u *talk.User, _ *device) error {
	return u.Request(ctx, talk.Request{To: talk.Peer{Name: secureProbeHost, Port: 443}, Path: probePath, Agent: probeAgent})
}

// almanac fetches where satellites are.
func almanac(ctx context.Context, u *talk.User, _ *device) error {
	return u.Request(ctx, talk.Request{To: talk.Peer{Name: satellites, Port: 443}, Path: "/xtra3grcej.bin", Agent: "A/10/DJI/RM510B/sim"})
}

// tryDoT asks whether the network's resolver speaks TLS, as Private DNS does
// where it is opportunistic (Android 9 and later).
func tryDoT(ctx context.Context, u *talk.User, d *device) error {
	servers := d.nameServers()
	if d.setting("global", "private_dns_mode") == "off" || len(servers) == 0 {
		return nil
	}
	c, err := u.Dial(ctx, "tcp", talk.Peer{Port: 853, Addrs: servers[:1]})
	if err != nil {
		return nil //nolint:nilerr // refused, as it should be
	}
	return c.Close()
}

func newSystem(d *device) *system {
	s := &system{device: d, users: map[int]*talk.User{}, cancel: func() {}}
	for _, uid := range []int{systemUID, mdnsUID, gpsUID, networkUID, shellUID} {
		s.users[uid] = d.host.User(uid)
	}
	return s
}

// attach begins what the system does on a network.
func (s *system) attach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel()
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	for _, h := range habits {
		s.jobs.Go(func() { s.keep(ctx, h) })
	}
}

func (s *system) keep(ctx context.Context, h habit) {
	pace := s.device.config.Pace
	for wait := h.first; ; wait = h.every {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pace.Of(wait)):
		}
		if err := h.do(ctx, s.users[h.uid], s.device); err != nil && ctx.Err() == nil {
			s.device.log.add("NetworkMonitor/100", "%v", err)
		}
		if h.every == 0 {
			return
		}
	}
}

// detach ends it.
func (s *system) detach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel()
}

// end does so for good, and forgets all connections.
func (s *system) end() {
	s.detach()
	for _, u := range s.users {
		u.Cut()
	}
	s.jobs.Wait()
}

package pilot

import (
	"context"
	"sync"
	"time"

	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// process is the app while it runs. The app is locked in all methods but those
// that run jobs, which never lock it for long.
type process struct {
	app     *App
	pid     int
	started time.Time
	user    *talk.User
	ctx     context.Context
	cancel  context.CancelFunc

	jobs       sync.WaitGroup // those that end when what is allowed changes
	cancelJobs context.CancelFunc
	jobsCtx    context.Context
	session    *session           // with the broker; nil: none
	leaveMode  context.CancelFunc // ends what happens in the mode alone
	modeCtx    context.Context
	screen     context.CancelFunc // ends what the open screen fetches
}

func newProcess(a *App) *process {
	p := &process{app: a, pid: a.config.NewPID(), started: time.Now(), user: a.config.Host.User(a.config.UID)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.leaveMode, p.screen, p.cancelJobs = func() {}, func() {}, func() {}
	return p
}

// kill ends the process: its sockets first, then all that it does.
func (p *process) kill(how func(*talk.User)) {
	how(p.user)
	p.cancel()
	p.jobs.Wait()
	if p.session != nil {
		<-p.session.over
	}
}

// obey ends the jobs that ran, and starts those that are allowed now. When it
// returns, what is forbidden is closed.
func (p *process) obey() {
	p.screen()
	p.cancelJobs()
	p.settleSession()
	p.jobs.Wait()
	p.jobsCtx, p.cancelJobs = context.WithCancel(p.ctx)
	for i := range background {
		if j := &background[i]; p.app.allows(j.service) {
			p.run(j.first, j.every, j.do)
		}
	}
	for _, id := range p.app.config.Knobs.Deaf {
		if !p.app.state.Services[id] && p.app.allows(id) {
			p.run(0, stubborn, func(ctx context.Context, p *process) error { return p.fetch(ctx, serviceOf(id)) })
		}
	}
}

// stubborn is how often a service speaks that ignores its switch.
const stubborn = 2 * time.Second

// run does something after a while and, where every is not 0, again and again
// until what is allowed changes.
func (p *process) run(first, every time.Duration, do func(context.Context, *process) error) {
	ctx := p.jobsCtx
	p.jobs.Go(func() { p.repeat(ctx, first, every, do) })
}

func (p *process) repeat(ctx context.Context, first, every time.Duration, do func(context.Context, *process) error) {
	for wait := first; ; wait = every {
		select {
		case <-ctx.Done():
			return
		case <-time.After(p.app.config.Pace.Of(wait)):
		}
		if err := do(ctx, p); err != nil && ctx.Err() == nil {
			p.app.config.Log("OkHttp", "<-- HTTP FAILED: %v", err)
		}
		if every == 0 {
			return
		}
	}
}

// open lets a service's screen fetch, now and every other second while it is open.
func (p *process) open(s *service) {
	p.screen()
	if !p.app.allows(s.id) {
		return
	}
	var ctx context.Context
	ctx, p.screen = context.WithCancel(p.jobsCtx)
	p.jobs.Go(func() {
		p.repeat(ctx, 0, 2*time.Second, func(ctx context.Context, p *process) error { return p.fetch(ctx, s) })
	})
}

func (p *process) fetch(ctx context.Context, s *service) error {
	for _, r := range s.fetches() {
		if err := p.request(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// request sends r and leaves a line in the log, as OkHttp's own logging does.
func (p *process) request(ctx context.Context, r talk.Request) error {
	method := "GET"
	if r.Body != "" {
		method = "POST"
	}
	p.app.config.Log("OkHttp", "--> %s https://%s%s (%d-byte body)", method, r.To.Name, r.Path, len(r.Body))
	return p.user.Request(ctx, r)
}

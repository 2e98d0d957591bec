package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
)

// readAround reads what is read at the start and at the end of a recording, and
// between windows: routes and clock. What cannot be read has no line, and the
// claims that need it are inconclusive.
func (s *Session) readAround(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	if r, err := s.hands.ReadRoutes(ctx); err == nil {
		s.journal.note(rig.KindRoutes, witnessed(map[string]any{"interfaces": r.Interfaces, "captured": r.Captured}, r.Witness))
	} else {
		s.unread("routes", err)
	}
	k, ok := s.hands.(drivers.Timekeeper)
	if !ok {
		return
	}
	if offset, uncertain, err := k.Clock(ctx); err == nil {
		s.journal.note(rig.KindClock, map[string]any{"device_minus_host_s": offset.Seconds(), "uncertain_s": uncertain.Seconds()})
	} else {
		s.unread("clock", err)
	}
}

// witnessed names the witness of a reading, where there is one to name.
func witnessed(keys map[string]any, witness string) map[string]any {
	if witness != "" {
		keys["witness"] = witness
	}
	return keys
}

// unread says in the journal that something could not be read. What the
// equipment cannot do by its kind is no news.
func (s *Session) unread(what string, err error) {
	if !errors.Is(err, errors.ErrUnsupported) {
		s.journal.note("unread", map[string]any{"what": what, "error": err.Error()})
	}
}

// readApp reads the app's process into the journal.
func (s *Session) readApp(ctx context.Context, window string) {
	one, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	a, err := s.hands.ReadApp(one)
	if err != nil {
		if ctx.Err() == nil {
			s.unread("app", err)
		}
		return
	}
	keys := map[string]any{"window": window, "awake": a.Awake, "foreground": a.Foreground}
	switch {
	case a.PID > 0 || !a.Running:
		keys["pid"] = a.PID
	default: // a person sees that it runs, not as which process
		keys["running"] = true
	}
	s.journal.note(rig.KindApp, witnessed(keys, a.Witness))
	s.tell(func(st *Status) { st.App = a })
}

// modeKeys are the keys of a mode line.
func modeKeys(window string, asked drivers.Mode, r drivers.ModeReading, at string) map[string]any {
	keys := witnessed(map[string]any{"window": window, "asked": asked, "read": r.Mode, "at": at}, r.Witness)
	if r.Saw != "" {
		keys["saw"] = r.Saw
	}
	return keys
}

// screens is the folder of a recording that holds what the screen showed at
// each reading of the mode.
const screens = "screens"

// photograph keeps what the screen shows beside a reading of the mode; at says
// which: entry, end or failed.
func (s *Session) photograph(ctx context.Context, window, at string) {
	p, ok := s.hands.(drivers.Photographer)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	dir := filepath.Join(s.config.Dir, screens)
	if err := makeDir(dir); err != nil {
		s.unread("screen", err)
		return
	}
	s.photos++
	names, err := p.Photograph(ctx, dir, fmt.Sprintf("%03d-%s", s.photos, at))
	if err != nil {
		s.unread("screen", err)
	}
	for i := range names {
		names[i] = screens + "/" + names[i]
	}
	if len(names) > 0 {
		s.journal.note(rig.KindScreen, map[string]any{"window": window, "at": at, "files": names})
	}
}

// logFile is the device's own log in a recording; longestLog bounds it, bytes.
const (
	logFile    = "logcat.txt"
	longestLog = 512 << 20
)

var errLogFull = errors.New("the device's log is as long as it may be; no more of it is kept")

// chronicle copies the device's log into the recording, until ctx ends.
func (s *Session) chronicle(ctx context.Context) {
	c, ok := s.hands.(drivers.Chronicler)
	if !ok {
		return
	}
	f, err := os.OpenFile(filepath.Join(s.config.Dir, logFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = errors.Join(c.Chronicle(ctx, &bounded{f, longestLog}), f.Close())
	}
	if err != nil && ctx.Err() == nil {
		s.unread("log", err)
	}
}

// bounded is a writer that takes so many bytes and no more.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errLogFull
	}
	b.left -= len(p)
	return b.w.Write(p)
}

// readCounters notes what the app's user sent and received since boot: bytes
// that no socket explains were sent between two looks.
func (s *Session) readCounters(ctx context.Context, window, at string) {
	a, ok := s.hands.(drivers.Attributor)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	sent, received, err := a.Counters(ctx)
	if err != nil {
		s.unread("counters", err)
		return
	}
	s.journal.note("counters", map[string]any{"window": window, "at": at, "uid": s.device.UID, "sent": sent, "received": received})
}

// sockets notes which user of the device had which socket, as far as polling
// sees it: a flow is then the app's or the system's.
func (s *Session) sockets(ctx context.Context) {
	a, ok := s.hands.(drivers.Attributor)
	if !ok {
		return
	}
	ticker := time.NewTicker(socketsEvery)
	defer ticker.Stop()
	for {
		list, err := a.Sockets(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.unread("sockets", err)
			if errors.Is(err, errors.ErrUnsupported) {
				return
			}
		}
		s.noteSockets(list)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

const (
	socketsEvery = time.Second
	socketsAgain = 30 * time.Second // a flow is looked up near its own time
	maxSockets   = 1 << 16          // that are remembered as noted
)

// noteSockets notes those that are new, and those that stay every now and then.
func (s *Session) noteSockets(list []drivers.Socket) {
	now := time.Now()
	for _, one := range list {
		if one.Remote.Port() == 0 || one.Remote.Addr().IsLoopback() || now.Sub(s.noted[one]) < socketsAgain {
			continue
		}
		if len(s.noted) >= maxSockets {
			maps.DeleteFunc(s.noted, func(_ drivers.Socket, t time.Time) bool { return now.Sub(t) >= socketsAgain })
		}
		s.noted[one] = now
		s.journal.note(rig.KindSocket, map[string]any{"proto": one.Proto, "uid": one.UID,
			"local": end(one.Local), "remote": end(one.Remote)})
	}
}

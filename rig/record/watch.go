package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/rig"
)

// statsEvery is how often statistics go to the journal even where nothing changed.
const statsEvery = 10 * time.Second

// watch moves the watermark, brings the journal to the disk each second, and
// notes statistics when frames were lost, when the link went or came, and every
// now and then.
func (s *Session) watch(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var synced, noted time.Time
	var before Port
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s.journal.tick()
			s.noteSteps()
			if now.Sub(synced) >= time.Second {
				_ = s.journal.sync() // what failed for good is told by recording
				synced = now
			}
			if port := s.count(); port != before || now.Sub(noted) >= statsEvery {
				s.noteStats()
				before, noted = port, now
			}
			s.tell(nil)
		}
	}
}

// noteSteps says where the host's clock was set: frames and lines are then apart,
// and nobody can say which belong together.
func (s *Session) noteSteps() {
	for _, by := range s.journal.takeSteps() {
		s.journal.note(rig.KindClockStep, map[string]any{"by_s": by.Seconds()})
		s.tell(func(st *Status) {
			st.Event = fmt.Sprintf("the host's clock was set by %v: this recording proves no silence; let the clock run free and record again", by.Round(time.Millisecond))
		})
	}
}

// count brings the recorder's counts into the status and returns how the SPAN
// port stands.
func (s *Session) count() (port Port) {
	var packets, bytes uint64
	for _, one := range s.recorder.Stats() {
		packets += one.Recorded
		port.Dropped += one.Lost()
		port.LinkLosses += one.LinkLosses
		if !one.Up {
			port.NoLink = one.Interface
		}
	}
	for _, f := range s.recorder.Files() {
		bytes += uint64(f.Bytes)
	}
	s.mu.Lock()
	s.status.Packets, s.status.Bytes, s.status.Port = packets, bytes, port
	s.mu.Unlock()
	return port
}

// seen is a problem where the SPAN port had no link for a part of a window, at
// whose beginning it stood as before says.
func (s *Session) seen(before Port) error {
	switch now := s.count(); {
	case now.NoLink != "":
		return fmt.Errorf("the mirror port %s has no link, so nothing is proven by what was not seen: check cable and switch", now.NoLink)
	case before.NoLink != "" || now.LinkLosses != before.LinkLosses:
		return errors.New("the mirror port had no link for a part of the window, so nothing is proven by what was not seen: check cable and switch")
	}
	return nil
}

// noteStats writes one line an interface: contract section 7.
func (s *Session) noteStats() {
	for _, one := range s.recorder.Stats() {
		keys := map[string]any{"interface": one.Interface, "received": one.Received, "dropped": one.Lost(), "freezes": one.Freezes,
			"recorded": one.Recorded, "left_out": one.LeftOut, "up": one.Up, "link_losses": one.LinkLosses}
		if one.LinkLost != 0 {
			keys["link_lost"] = time.Unix(0, one.LinkLost).UTC()
		}
		s.journal.note(rig.KindStats, keys)
	}
}

// listen brings the recorder's events to journal and view, until it ends.
func (s *Session) listen() {
	for e := range s.recorder.Events() {
		s.journal.note("capture", map[string]any{"event": e.Kind, "interface": e.Interface, "text": e.Text, "at": time.Unix(0, e.Time).UTC()})
		text := e.Text
		if e.Interface != "" {
			text = e.Interface + ": " + text
		}
		s.tell(func(st *Status) { st.Event = text })
	}
}

// recording is an error where the recorder has ended by itself, or the journal
// can be written no more.
func (s *Session) recording() error {
	if err := s.journal.failed(); err != nil {
		return err
	}
	select {
	case <-s.recorder.Done():
	default:
		return nil
	}
	summary, err := s.recorder.Stop()
	if err != nil {
		return err
	}
	if summary.Cause == span.Asked {
		return nil
	}
	return errors.New("the recorder ended: " + summary.Text)
}

// tell changes the status and shows it.
func (s *Session) tell(change func(*Status)) {
	s.mu.Lock()
	if change != nil {
		change(&s.status)
	}
	if !s.entered.IsZero() {
		s.status.Into = time.Since(s.entered)
	}
	now := s.status
	s.status.Event = ""
	s.mu.Unlock()
	if s.config.View != nil {
		s.config.View(now)
	}
}

package record

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/span"
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig"
)

// Session is a recording in the making. Its methods are for one goroutine.
type Session struct {
	config   Config
	run      string // id, in names and payloads of controls
	hands    drivers.Controller
	release  func() error // lets go of the device
	device   drivers.Inspection
	recorder *span.Recorder
	journal  *journal
	facts    *facts
	windows  []window
	file     *windowsFile // of them
	controls *controls
	problems []*Problem
	skipped  []Skipped

	background context.Context    // of what runs beside the windows
	stop       context.CancelFunc // ends it
	log        *aside             // the device's log
	watching   *aside
	listening  *aside
	mu         sync.Mutex // of status
	status     Status
	entered    time.Time // of the open window
	noted      map[drivers.Socket]time.Time
	photos     int
	held       *held // nil where something touched the device
}

// tick is how often the watermark moves, statistics are looked at and the view
// is told.
const tick = 200 * time.Millisecond

// Start begins the journal, opens and inspects the device and arms the recorder.
func Start(ctx context.Context, c Config) (*Session, error) {
	if err := makeFolder(c.Dir); err != nil {
		return nil, err
	}
	s := &Session{config: c, run: newRun(), noted: map[drivers.Socket]time.Time{}}
	if err := s.begin(ctx); err != nil {
		s.abandon(err)
		return nil, err
	}
	return s, nil
}

// newRun is an id that no other run has: 8 hex digits, for it stands in names.
func newRun() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// makeFolder makes the folder of a recording; nothing is ever overwritten.
func makeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%s is not empty; name a new folder for the recording", dir)
	case err == nil:
		return os.Chmod(dir, 0o700)
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	return os.MkdirAll(dir, 0o700)
}

func (s *Session) begin(ctx context.Context) error {
	var err error
	if s.journal, err = newJournal(filepath.Join(s.config.Dir, "journal.jsonl")); err != nil {
		return err
	}
	s.journal.note("start", map[string]any{"tool": s.config.Tool, "bench": s.config.Name, "run": s.run})
	if s.file, err = newWindowsFile(s.config.Dir); err != nil {
		return err
	}
	if s.hands, s.release, err = s.config.Open(ctx, s.hear); err != nil {
		return err
	}
	err = s.act(ctx, 0, func(ctx context.Context) error {
		s.device, err = s.hands.Inspect(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("inspect the device: %w", err)
	}
	if err := s.saveInventory(); err != nil {
		return err
	}
	if err := s.record(ctx); err != nil {
		return err
	}
	s.controls = newControls(s)
	if p, ok := s.hands.(preparer); ok {
		if err := s.act(ctx, 0, p.Prepare); err != nil {
			return fmt.Errorf("prepare the device: %w", err)
		}
	}
	s.readAround(ctx)
	s.noteStats()
	s.log = begin(s.background, s.chronicle)
	return nil
}

// hear takes what a driver tells: the journal gets it, and the view what is for
// a person.
func (s *Session) hear(kind string, keys map[string]any) {
	s.journal.note(kind, keys)
	if text := Notice(kind, keys); text != "" {
		s.tell(func(st *Status) { st.Event = text })
	}
}

// Notice words for a person what a driver tells the journal: what it waits for,
// and what it found and cannot mend. It is empty for all else.
func Notice(kind string, keys map[string]any) string {
	switch kind {
	case "waiting":
		return fmt.Sprintf("waiting for %v: %v", keys["device"], keys["reason"])
	case "notice":
		return fmt.Sprint(keys["text"])
	}
	return ""
}

// preparer is a controller that changes something on the device for the run,
// which Close puts back.
type preparer interface {
	Prepare(ctx context.Context) error
}

// record arms the recorder and starts what runs beside the windows.
func (s *Session) record(ctx context.Context) error {
	c := s.config.Capture
	c.Dir, c.Application = s.config.Dir, s.config.Tool
	if s.config.OnlyDevice {
		for _, text := range s.device.MACs {
			m, err := rig.ParseMAC(text)
			if err != nil {
				return fmt.Errorf("the device's address %q: %w", text, err)
			}
			c.OnlyDevice = append(c.OnlyDevice, captures.MAC(m))
		}
		if len(c.OnlyDevice) == 0 {
			return errors.New("only the device is to be recorded, but none of its MAC addresses is known; name them in the bench file, or record everything")
		}
	}
	// The recorder ends with Stop, after all that a cancelled run still has to
	// write: not with ctx.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.background, s.stop = background, stop
	var err error
	if s.recorder, err = span.Start(background, c); err != nil {
		return err
	}
	for _, p := range s.recorder.Ports() {
		s.journal.note("capture", map[string]any{"port": p})
	}
	s.facts = follow(background, s.recorder.Source(background), s.journal)
	s.watching = begin(background, s.watch)
	s.listening = begin(background, func(context.Context) { s.listen() })
	if err := syncFolder(s.config.Dir); err != nil {
		return err
	}
	return s.linked(ctx)
}

// Waiting for a link, which cards negotiate anew when they are prepared.
const (
	linkTime = 10 * time.Second
	linkLook = 50 * time.Millisecond
)

// linked waits for the link of every SPAN port: without it nothing is recorded.
func (s *Session) linked(ctx context.Context) error {
	for deadline := time.Now().Add(linkTime); ; {
		port := s.count()
		switch {
		case port.NoLink == "":
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("the mirror port %s has no link: plug it into the switch, and switch that on", port.NoLink)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(linkLook):
		}
	}
}

// abandon lets go of what a failed start had begun. What is in the folder by
// then stays: it tells why.
func (s *Session) abandon(why error) {
	if s.recorder != nil {
		_, _ = s.recorder.Stop()
	}
	if s.stop != nil {
		s.stop()
		s.watching.end()
		s.listening.end()
	}
	s.log.end()
	if s.hands != nil {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		_ = s.hands.Close(ctx)
		cancel()
	}
	if s.release != nil {
		_ = s.release()
	}
	if s.file != nil {
		_ = s.file.close()
	}
	if s.journal != nil {
		s.journal.note("problem", map[string]any{"error": why.Error()})
		_ = s.journal.close(map[string]any{"complete": false})
	}
}

// Device is what was found under test.
func (s *Session) Device() drivers.Inspection { return s.device }

// Problems lists what went wrong so far.
func (s *Session) Problems() []*Problem { return s.problems }

// problem notes that the rig or the device failed.
func (s *Session) problem(window string, err error) *Problem {
	p := &Problem{window, err}
	s.problems = append(s.problems, p)
	s.journal.note("problem", map[string]any{"window": window, "error": err.Error()})
	s.tell(func(st *Status) { st.Problems, st.Event = len(s.problems), p.Error() })
	return p
}

// aside is something that runs beside the windows until it is ended.
type aside struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func begin(ctx context.Context, run func(context.Context)) *aside {
	ctx, cancel := context.WithCancel(ctx)
	a := &aside{cancel, make(chan struct{})}
	go func() {
		defer close(a.done)
		run(ctx)
	}()
	return a
}

// end ends it and waits; where nothing was begun it does nothing.
func (a *aside) end() {
	if a != nil {
		a.cancel()
		<-a.done
	}
}

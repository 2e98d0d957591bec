package duml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Endpoint is the device's side of the protocol: it answers requests and
// pushes sticks. Its zero value is a remote controller that answers nothing.
type Endpoint struct {
	Self    Module                           // which module answers; 0: remote controller, index 0
	Answers map[[2]byte]func(f Frame) []byte // payload by set and id; nil: no answer
	State   func() Push                      // pushed while the PC wants it; nil: nothing is
	Every   time.Duration                    // between two pushes; 0: 100 ms
	Heard   func(f Frame, answered bool)     // sees every frame that came; nil: nobody does
}

// Versions answers version inquiries.
func Versions(v Version) map[[2]byte]func(Frame) []byte {
	return map[[2]byte]func(Frame) []byte{{SetGeneral, idVersion}: func(Frame) []byte { return v.Append(nil) }}
}

// Serve answers on rw until ctx ends or rw breaks; it closes rw where that is
// an io.Closer, for a read could not end otherwise. It returns nil where ctx
// ended. One endpoint serves one line at a time.
func (e *Endpoint) Serve(ctx context.Context, rw io.ReadWriter) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &session{endpoint: e, self: e.Self, w: rw}
	if s.self == 0 {
		s.self = At(Radio, 0)
	}
	var pushes sync.WaitGroup
	defer pushes.Wait()
	defer cancel()
	if c, ok := rw.(io.Closer); ok {
		defer context.AfterFunc(ctx, func() { c.Close() })()
	}
	pushes.Go(func() { s.push(ctx) })
	var d Decoder
	p := make([]byte, 4096)
	for {
		n, err := rw.Read(p)
		var broken error
		d.Feed(p[:n], func(f Frame) { broken = errors.Join(broken, s.hear(f)) })
		switch {
		case ctx.Err() != nil:
			return nil
		case broken != nil:
			return broken
		case err != nil:
			return fmt.Errorf("duml endpoint: %w", err)
		}
	}
}

// session is an endpoint on one line.
type session struct {
	endpoint *Endpoint
	self     Module
	mu       sync.Mutex // of what follows
	w        io.Writer
	watcher  Module // who wants pushes
	pushing  bool
	seq      uint16
}

// hear answers one frame.
func (s *session) hear(f Frame) error {
	payload, ok := s.answer(f)
	if s.endpoint.Heard != nil {
		s.endpoint.Heard(f, ok)
	}
	if !ok {
		return nil
	}
	return s.write(Frame{Version: 1, From: s.self, To: f.From, Seq: f.Seq, Response: true, Set: f.Set, ID: f.ID, Payload: payload})
}

func (s *session) answer(f Frame) ([]byte, bool) {
	if f.To != s.self || f.Response {
		return nil, false
	}
	if f.Set == SetRadio && f.ID == idSimulate && s.endpoint.State != nil && len(f.Payload) == 1 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pushing, s.watcher = f.Payload[0] == 1, f.From
		return []byte{0}, true
	}
	if answer := s.endpoint.Answers[[2]byte{f.Set, f.ID}]; answer != nil {
		return answer(f), true
	}
	return nil, false
}

// push sends the state while somebody wants it. An error of writing is left to
// the reader, who sees the same line break.
func (s *session) push(ctx context.Context) {
	every := s.endpoint.Every
	if every <= 0 {
		every = 100 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		s.mu.Lock()
		wanted, f := s.pushing, Frame{Version: 1, From: s.self, To: s.watcher, Seq: s.seq, Set: SetRadio, ID: idPush}
		if wanted {
			s.seq++
		}
		s.mu.Unlock()
		if wanted {
			f.Payload = s.endpoint.State().Append(nil)
			_ = s.write(f)
		}
	}
}

func (s *session) write(f Frame) error {
	b, err := f.Append(nil)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("duml endpoint: %w", err)
	}
	return nil
}

package adbd

import (
	"context"
	"io"
	"sync"
)

// stream is one service that the server has opened. Reads and writes are one
// packet at a time, each acknowledged before the next, as the protocol asks.
type stream struct {
	t      *transport
	id     uint32 // ours
	peer   uint32 // the server's
	ctx    context.Context
	end    context.CancelFunc
	in     chan []byte   // one write of the peer that we have not taken
	credit chan struct{} // the peer takes a write

	writing    sync.Mutex
	rest       []byte         // of the packet that was taken
	background sync.WaitGroup // what the service left behind; ends with the stream
}

// newStream gives an OPEN packet its stream; nil where it is malformed.
func (t *transport) newStream(p packet) *stream {
	if p.arg0 == 0 || p.arg1 != 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(t.ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	s := &stream{t: t, id: t.last, peer: p.arg0, ctx: ctx, end: cancel, in: make(chan []byte, 1), credit: make(chan struct{}, 1)}
	s.credit <- struct{}{} // an OPEN implies that the peer is ready
	t.streams[s.id] = s
	return s
}

// serve runs the service and closes the stream; an unknown one is refused.
func (s *stream) serve(name string) {
	run := s.t.daemon.service(name)
	if run == nil {
		s.close(0) // zero as our id says that the stream never was
		return
	}
	if s.t.send(packet{okay, s.id, s.peer, nil}) == nil {
		run(s.ctx, s)
	}
	s.close(s.id)
	s.background.Wait()
}

func (s *stream) close(id uint32) {
	s.t.mu.Lock()
	delete(s.t.streams, s.id)
	s.t.mu.Unlock()
	if s.ctx.Err() == nil {
		_ = s.t.send(packet{clse, id, s.peer, nil}) // the transport's reader sees what went wrong
	}
	s.end()
}

// Read gives what the server wrote; io.EOF once it has closed the stream.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if !s.take() {
			return 0, io.EOF
		}
		if err := s.t.send(packet{okay, s.id, s.peer, nil}); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// take waits for a packet. One that came before the server closed the stream
// counts, although the stream is closed by now.
func (s *stream) take() bool {
	select {
	case s.rest = <-s.in:
		return true
	case <-s.ctx.Done():
	}
	select {
	case s.rest = <-s.in:
		return true
	default:
		return false
	}
}

// Write sends p in packets, each once the server has taken the one before.
func (s *stream) Write(p []byte) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	for len(p) > 0 {
		select {
		case <-s.credit:
		case <-s.ctx.Done():
			return n, io.ErrClosedPipe
		}
		chunk := p[:min(len(p), s.t.max)]
		if err := s.t.send(packet{wrte, s.id, s.peer, chunk}); err != nil {
			return n, err
		}
		n, p = n+len(chunk), p[len(chunk):]
	}
	return n, nil
}

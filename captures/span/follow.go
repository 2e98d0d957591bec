package span

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// Follow reads the file of the given index (from 0) while it grows: Read
// waits for more, gives whole pcapng blocks only, and returns io.EOF when the
// file is finished, or when the capture has ended without it. Close ends a Read
// that waits, with io.ErrClosedPipe. pcapfile.NewReader over it gives each frame
// as soon as it is in the file.
func (r *Recorder) Follow(index int) io.ReadCloser {
	return &follower{progress: r.progress, index: index, closed: make(chan struct{})}
}

type follower struct {
	progress *progress
	index    int
	closed   chan struct{}
	once     sync.Once

	mu     sync.Mutex // of one Read, and of Close against it
	file   *os.File
	offset int64
}

func (f *follower) Read(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		s, exists, ended, changed := f.progress.state(f.index)
		switch {
		case isClosed(f.closed):
			return 0, io.ErrClosedPipe
		case s.Bytes > f.offset && len(b) > 0:
			return f.read(s, b)
		case s.Done, ended && !exists, len(b) == 0:
			return 0, eof(b)
		}
		select {
		case <-changed:
		case <-f.closed:
		}
	}
}

func eof(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return io.EOF
}

// read gives some of the bytes that are whole.
func (f *follower) read(s FileState, b []byte) (int, error) {
	if f.file == nil {
		var err error
		if f.file, err = os.Open(f.progress.path(s.Name)); err != nil {
			return 0, err
		}
	}
	n, err := f.file.ReadAt(b[:min(int64(len(b)), s.Bytes-f.offset)], f.offset)
	f.offset += int64(n)
	if errors.Is(err, io.EOF) && n < len(b) {
		return n, io.ErrUnexpectedEOF // somebody else cut the file
	}
	return n, err
}

func (f *follower) Close() error {
	f.once.Do(func() { close(f.closed) })
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Source reads the whole capture while it is recorded, all files one after the
// other, as pcapfile.Series reads it later: the same frames with the same IDs.
// It ends with io.EOF when the capture has ended, or with ctx.
func (r *Recorder) Source(ctx context.Context) captures.Source {
	return &live{ctx: ctx, recorder: r}
}

type live struct {
	ctx      context.Context
	recorder *Recorder
	reader   *pcapfile.Reader // of the file that is followed; nil between files
	release  func()
	next     int // index of the file after it
	past     captures.Stats
	err      error
}

// Next fills b with the next frames, waiting for them.
func (l *live) Next(b *captures.Batch) error {
	for l.err == nil {
		if l.reader == nil {
			l.err = l.open()
			continue
		}
		err := l.reader.Next(b)
		if err == nil {
			return nil
		}
		l.past = add(l.past, l.reader.Stats())
		l.release()
		l.reader = nil
		if !errors.Is(err, io.EOF) {
			l.err = err
		}
		if cause := context.Cause(l.ctx); cause != nil {
			l.err = cause
		}
	}
	b.Frames = b.Frames[:0]
	return l.err
}

// open waits for the next file and its header.
func (l *live) open() error {
	name, err := l.recorder.AwaitFile(l.ctx, l.next)
	if err != nil {
		return err
	}
	f := l.recorder.Follow(l.next)
	stop := context.AfterFunc(l.ctx, func() { _ = f.Close() })
	l.release = func() { stop(); _ = f.Close() }
	if l.reader, err = pcapfile.NewReader(f, pcapfile.Options{File: l.next, Name: name}); err != nil {
		l.release()
		if cause := context.Cause(l.ctx); cause != nil {
			return cause
		}
		return err
	}
	l.next++
	return nil
}

// Stats returns the sums over all files so far.
func (l *live) Stats() captures.Stats {
	if l.reader == nil {
		return l.past
	}
	return add(l.past, l.reader.Stats())
}

func add(a, b captures.Stats) captures.Stats {
	return captures.Stats{
		Frames:     a.Frames + b.Frames,
		Bytes:      a.Bytes + b.Bytes,
		Cut:        a.Cut + b.Cut,
		Interfaces: append(a.Interfaces[:len(a.Interfaces):len(a.Interfaces)], b.Interfaces...),
	}
}

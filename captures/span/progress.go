package span

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"sync"
)

// A FileState is how far a file of the recording has come.
type FileState struct {
	Name  string // base name
	Bytes int64  // so many are written and are whole blocks
	Done  bool   // there will be no more
}

// progress is what the writer of the files tells those who follow them. Nobody
// can hold the writer up.
type progress struct {
	dir string

	mu      sync.Mutex
	states  []FileState
	ended   bool
	changed chan struct{} // closed, and replaced, with each change
}

func newProgress(dir string) *progress { return &progress{dir: dir, changed: make(chan struct{})} }

// update changes the state and wakes who waits for it.
func (p *progress) update(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *progress) begin(name string) {
	p.update(func() { p.states = append(p.states, FileState{Name: name}) })
}

// grow says that the last file has so many whole bytes.
func (p *progress) grow(bytes int64) {
	p.update(func() { p.states[len(p.states)-1].Bytes = bytes })
}

func (p *progress) finish() { p.update(func() { p.states[len(p.states)-1].Done = true }) }

func (p *progress) end() { p.update(func() { p.ended = true }) }

func (p *progress) files() []FileState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.states)
}

// state returns that of a file, whether it exists, whether the capture has
// ended, and what to wait for where neither is enough.
func (p *progress) state(index int) (s FileState, exists, ended bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if index >= 0 && index < len(p.states) {
		s, exists = p.states[index], true
	}
	return s, exists, p.ended, p.changed
}

func (p *progress) await(ctx context.Context, index int) (string, error) {
	for {
		s, exists, ended, changed := p.state(index)
		switch {
		case exists:
			return s.Name, nil
		case ended:
			return "", io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func (p *progress) path(name string) string { return filepath.Join(p.dir, name) }

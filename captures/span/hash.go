package span

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// hashBuffers is how many buffers are hashed or wait for it; the writer waits
// where there is none, and the ring behind it.
const hashBuffers = 16

// hasher digests what was written, in its own goroutine, out of the buffers
// that were written.
type hasher struct {
	in   chan []byte // nil: a file ends
	free chan []byte
	out  chan []digests // of all files, once
}

// digests are those of one file, in hex.
type digests struct {
	whole  string
	leaves []string
}

func newHasher(size int) *hasher {
	h := &hasher{in: make(chan []byte, hashBuffers), free: make(chan []byte, hashBuffers), out: make(chan []digests, 1)}
	for range hashBuffers {
		h.free <- make([]byte, 0, size)
	}
	go h.run()
	return h
}

// buffer returns an empty one to write from.
func (h *hasher) buffer() []byte { return <-h.free }

// add digests b, which belongs to the hasher until buffer returns it.
func (h *hasher) add(b []byte) { h.in <- b }

// cut ends a file.
func (h *hasher) cut() { h.in <- nil }

// end waits for the digests of all files that were cut.
func (h *hasher) end() []digests {
	close(h.in)
	return <-h.out
}

func (h *hasher) run() {
	var all []digests
	whole, leaf := sha256.New(), newLeaves()
	for b := range h.in {
		if b == nil {
			all = append(all, digests{hex.EncodeToString(whole.Sum(nil)), leaf.take()})
			whole.Reset()
			continue
		}
		_, _ = whole.Write(b)
		leaf.add(b)
		h.free <- b[:0]
	}
	h.out <- all
}

// leaves digests each LeafSize bytes of a file.
type leaves struct {
	hash hash.Hash
	left int // bytes until the leaf is full
	list []string
}

func newLeaves() *leaves { return &leaves{hash: sha256.New(), left: LeafSize} }

func (l *leaves) add(b []byte) {
	for len(b) > 0 {
		n := min(len(b), l.left)
		_, _ = l.hash.Write(b[:n])
		b = b[n:]
		if l.left -= n; l.left == 0 {
			l.seal()
		}
	}
}

func (l *leaves) seal() {
	l.list = append(l.list, hex.EncodeToString(l.hash.Sum(nil)))
	l.hash.Reset()
	l.left = LeafSize
}

// take returns the leaves of the file and begins the next.
func (l *leaves) take() []string {
	if l.left < LeafSize {
		l.seal()
	}
	list := l.list
	l.list = nil
	return list
}

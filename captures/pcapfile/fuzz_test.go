package pcapfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

const maxSeed = 8 << 10 // bytes: larger files only slow the fuzzer down

// seed adds captures of every form, and the small ones of the corpus.
func seed(f *testing.F) {
	for _, small := range smallFiles() {
		f.Add(small.file)
		f.Add(small.file[:len(small.file)-1])
		f.Add(gzipped(f, small.file))
		f.Add(zstandard(f, small.file))
	}
	for _, pattern := range []string{"pcapng-generator/*/*.pcapng", "tcpdump/*.pcap*"} {
		paths, _ := filepath.Glob(filepath.Join(corpusRoot(), pattern))
		for _, path := range paths {
			if b, err := os.ReadFile(path); err == nil && len(b) < maxSeed {
				f.Add(b)
			}
		}
	}
}

// FuzzReader wants frames up to a clean end or a fault, in bounded memory.
func FuzzReader(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) { readAny(t, file) })
}

// FuzzBlocks wants blocks that together are the stream, and as many frames in
// them as the reader finds where it comes to a clean end.
func FuzzBlocks(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		var copied []byte
		packets := uint64(0)
		var end error
		for b, err := range Blocks(bytes.NewReader(file)) {
			if end = err; err != nil {
				break
			}
			if b.Offset != int64(len(copied)) {
				t.Fatalf("%v at %d after %d bytes", b.Type, b.Offset, len(copied))
			}
			copied = append(copied, b.Raw...)
			if _, err := b.Comments(); err == nil && b.Type == EnhancedPacket && len(b.Body()) < 20 {
				t.Fatalf("%v of %d bytes has options", b.Type, len(b.Raw))
			}
			switch b.Type {
			case EnhancedPacket, SimplePacket, ObsoletePacket:
				packets++
			}
		}
		r, err := NewReader(bytes.NewReader(file), Options{})
		if err != nil || end != nil {
			return
		}
		if _, err := drain(r); err == io.EOF && r.Stats().Frames != packets {
			t.Errorf("%d frames in %d packet blocks", r.Stats().Frames, packets)
		}
	})
}

// FuzzRewrite wants a capture that is whole after every rewriting that gives
// no error.
func FuzzRewrite(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		before, err := NewReader(bytes.NewReader(file), Options{})
		if err != nil {
			return
		}
		frames, err := drain(before)
		if err != io.EOF {
			return
		}
		var out bytes.Buffer
		err = Rewrite(&out, bytes.NewReader(file), func(number uint64) (bool, []string) {
			return true, []string{"seen"}[:number%2]
		})
		if err != nil {
			return
		}
		after, err := NewReader(&out, Options{})
		if err != nil {
			t.Fatal(err)
		}
		again, err := drain(after)
		var fault *captures.Fault
		if errors.As(err, &fault) || len(again) != len(frames) {
			t.Fatalf("%d frames of %d, %v", len(again), len(frames), err)
		}
		for i, f := range frames {
			f.Offset = again[i].Offset
			sameFrame(t, again[i], f)
		}
	})
}

package span

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/spanrig/spanrig/captures/pcapfile"
)

func testTape(t *testing.T, c Config) *tape {
	t.Helper()
	c.Interfaces, c.Dir = []string{"span0"}, t.TempDir()
	if err := c.complete(); err != nil {
		t.Fatal(err)
	}
	head := pcapfile.AppendSection(nil, pcapfile.WriterOptions{Application: "test"})
	head = pcapfile.AppendInterface(head, pcapfile.Interface{Name: "span0", Link: 1})
	out, err := newTape(&c, head, newProgress(c.Dir))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTape wants files that are digested as they are, and each block whole at
// every moment.
func TestTape(t *testing.T) {
	for name, c := range map[string]Config{"hashed": {RotateBytes: 5 << 20}, "not hashed": {RotateBytes: 5 << 20, NoHashes: true}, "one file": {}} {
		out := testTape(t, c)
		follow := &follower{progress: out.progress, index: 0, closed: make(chan struct{})}
		var followed []byte
		var wait sync.WaitGroup
		wait.Go(func() { followed, _ = io.ReadAll(follow) })
		f := ringFrame{time: 5e9, length: 1500, data: make([]byte, 1500)}
		for i := range 8000 {
			f.time += 1e6
			if !out.room(frameRoom(&f), statisticsRoom) {
				must(t, out.statistics(0, f.time, pcapfile.Statistics{Received: 1}))
				must(t, out.finish())
				must(t, out.begin())
			}
			must(t, out.frame(0, &f))
			if i%100 == 0 {
				must(t, out.flush())
			}
		}
		files, err := out.end()
		must(t, err)
		wait.Wait()
		if want := map[bool]int{true: 3, false: 1}[c.RotateBytes > 0]; len(files) != want {
			t.Fatalf("%s: %d files, want %d", name, len(files), want)
		}
		frames := uint64(0)
		for i, file := range files {
			b, err := os.ReadFile(filepath.Join(out.dir, file.Name))
			must(t, err)
			checkFile(t, name, file, b, c.NoHashes)
			if frames += file.Frames; i == 0 && !bytes.Equal(b, followed) {
				t.Errorf("%s: the follower got %d bytes of %d", name, len(followed), len(b))
			}
		}
		if frames != 8000 || files[0].First != 5e9+1e6 || files[len(files)-1].Last != 5e9+8000*1e6 {
			t.Errorf("%s: %d frames in %+v", name, frames, files)
		}
		left, err := filepath.Glob(filepath.Join(out.dir, "*"))
		if must(t, err); len(left) != len(files) {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

func checkFile(t *testing.T, name string, f File, b []byte, noHashes bool) {
	t.Helper()
	hash := func(b []byte) string {
		sum := sha256.Sum256(b)
		return hex.EncodeToString(sum[:])
	}
	var leaves []string
	for leaf := range slices.Chunk(b, LeafSize) {
		leaves = append(leaves, hash(leaf))
	}
	whole := hash(b)
	if noHashes {
		whole, leaves = "", nil
	}
	if f.Bytes != int64(len(b)) || f.SHA256 != whole || !slices.Equal(f.Leaves, leaves) {
		t.Errorf("%s: %s of %d bytes is described as %+v", name, f.Name, len(b), f)
	}
	n := uint64(0)
	for block, err := range pcapfile.Blocks(bytes.NewReader(b)) {
		must(t, err)
		if block.Type == pcapfile.EnhancedPacket {
			n++
		}
	}
	if n != f.Frames {
		t.Errorf("%s: %s has %d frames, want %d", name, f.Name, n, f.Frames)
	}
}

// TestTapeLeaves wants leaves that end where the file does, also on a leaf's edge.
func TestTapeLeaves(t *testing.T) {
	for _, n := range []int{0, 1, LeafSize - 1, LeafSize, LeafSize + 1, 3 * LeafSize} {
		l := newLeaves()
		for chunk := range slices.Chunk(make([]byte, n), 700_001) {
			l.add(chunk)
		}
		if got, want := len(l.take()), (n+LeafSize-1)/LeafSize; got != want || len(l.take()) != 0 {
			t.Errorf("%d bytes give %d leaves, want %d", n, got, want)
		}
	}
}

// TestFollowCutFile tells a file that somebody else cut from one that is whole.
func TestFollowCutFile(t *testing.T) {
	out := testTape(t, Config{})
	must(t, out.flush())
	must(t, os.Truncate(filepath.Join(out.dir, "capture.pcapng"), 10))
	_, err := out.end()
	must(t, err)
	if _, err := io.ReadAll(&follower{progress: out.progress, closed: make(chan struct{})}); err != io.ErrUnexpectedEOF {
		t.Errorf("following it: %v", err)
	}
}

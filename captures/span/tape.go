package span

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spanrig/spanrig/captures/pcapfile"
)

// tape writes the files of a capture. Blocks are gathered in a buffer that is
// written with one call, so that whoever reads a file, or finds it after a
// kill, sees whole blocks.
type tape struct {
	dir      string
	rotates  bool
	limit    int64  // of a file, bytes; 0: none
	head     []byte // section header and interface descriptions, the same in every file
	progress *progress
	hasher   *hasher // nil: no digests
	syncer   *syncer

	file     *os.File // nil: there is none, and nothing is kept
	current  File
	finished []File
	total    int64    // bytes in all files
	buf      []byte   // gathered, not written yet; never grows
	gathered []uint64 // frames in it, by interface

	refused   bool     // the disk did not take frames: no later ones, or there would be a hole
	unwritten []uint64 // frames that it did not take, by interface
}

// writeBytes is how much is written with one call where there is so much.
const writeBytes = 1 << 20

// newTape makes the first file.
func newTape(c *Config, head []byte, p *progress) (*tape, error) {
	t := &tape{dir: c.Dir, rotates: c.rotates(), limit: c.RotateBytes, head: head, progress: p}
	if err := t.refuseOld(); err != nil {
		return nil, err
	}
	t.gathered, t.unwritten = make([]uint64, len(c.Interfaces)), make([]uint64, len(c.Interfaces))
	size := max(c.BlockBytes, writeBytes) + len(head) // a whole ring block fits: frames take less room here
	if c.NoHashes {
		t.buf = make([]byte, 0, size)
	} else {
		t.hasher = newHasher(size)
		t.buf = t.hasher.buffer()
	}
	t.syncer = newSyncer(c.Dir)
	if err := t.begin(); err != nil {
		_, _ = t.end()
		return nil, err
	}
	return t, nil
}

// refuseOld finds captures that a recording would be mixed with.
func (t *tape) refuseOld() error {
	old, err := filepath.Glob(filepath.Join(t.dir, "capture*.pcapng*"))
	if err == nil && len(old) > 0 {
		return fmt.Errorf("the folder %s has a capture already (%s): choose an empty one", filepath.Base(t.dir), filepath.Base(old[0]))
	}
	return err
}

func (t *tape) name() string {
	if !t.rotates {
		return "capture.pcapng"
	}
	return fmt.Sprintf("capture-%04d.pcapng", len(t.finished)+1)
}

// begin makes the next file with its head.
func (t *tape) begin() error {
	name := t.name()
	f, err := create(filepath.Join(t.dir, name), t.head)
	if err != nil {
		t.refused = true
		return unpath(err)
	}
	t.file, t.current = f, File{Name: name}
	t.progress.begin(name)
	t.syncer.files <- f
	t.buf = append(t.buf, t.head...)
	t.written()
	return nil
}

// create makes a file that has its head as soon as it has its name: even a
// process that is killed here leaves no capture that cannot be opened.
func create(path string, head []byte) (*os.File, error) {
	early := path + ".new"
	f, err := os.OpenFile(early, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err = f.WriteAt(head, 0); err == nil {
		err = os.Rename(early, path)
	}
	if err != nil {
		return nil, cmp.Or(err, f.Close(), os.Remove(early))
	}
	return f, nil
}

// room reports whether n bytes more fit into the file, beside what reserve
// bytes of statistics will take at its end. A file without frames has room for any.
func (t *tape) room(n, reserve int) bool {
	return t.limit == 0 || t.current.Frames == 0 || len(t.finished) >= maxFiles-1 ||
		t.current.Bytes+int64(len(t.buf)+n+reserve) <= t.limit
}

// frameRoom is the most that a frame takes of a file, bytes.
func frameRoom(f *ringFrame) int { return pcapfile.PacketOverhead + 3 + f.size() }

// frame appends a frame of an interface.
func (t *tape) frame(iface uint32, f *ringFrame) error {
	if frameRoom(f) > cap(t.buf)-len(t.buf) {
		if err := t.flush(); err != nil {
			return err
		}
	}
	head, tag, rest := f.parts()
	t.buf = pcapfile.AppendFrame(t.buf, iface, f.time, f.length, head, tag, rest)
	if t.current.Frames == 0 || f.time < t.current.First {
		t.current.First = f.time
	}
	t.current.Last = max(t.current.Last, f.time)
	t.current.Frames++
	t.gathered[iface]++
	return nil
}

// statistics appends an interface statistics block.
func (t *tape) statistics(iface uint32, time int64, s pcapfile.Statistics) error {
	if cap(t.buf)-len(t.buf) < statisticsRoom {
		if err := t.flush(); err != nil {
			return err
		}
	}
	t.buf = pcapfile.AppendStatistics(t.buf, iface, time, s)
	return nil
}

// statisticsRoom is more than a statistics block of ours takes, bytes.
const statisticsRoom = 256

// flush writes what was gathered. Where the disk takes only a part, the file is
// cut back to whole blocks.
func (t *tape) flush() error {
	if len(t.buf) == 0 {
		return nil
	}
	if t.file == nil {
		t.discard()
		return nil
	}
	if _, err := t.file.WriteAt(t.buf, t.current.Bytes); err != nil {
		t.refused = true
		t.discard()
		return cmp.Or(unpath(err), t.file.Truncate(t.current.Bytes))
	}
	t.written()
	return nil
}

// written passes on what is in the file now.
func (t *tape) written() {
	t.current.Bytes += int64(len(t.buf))
	t.total += int64(len(t.buf))
	t.progress.grow(t.current.Bytes)
	clear(t.gathered)
	if t.hasher == nil {
		t.buf = t.buf[:0]
		return
	}
	t.hasher.add(t.buf)
	t.buf = t.hasher.buffer()
}

// discard forgets what could not be written.
func (t *tape) discard() {
	for i, n := range t.gathered {
		t.current.Frames -= n
		t.unwritten[i] += n
	}
	clear(t.gathered)
	t.buf = t.buf[:0]
}

// finish writes what was gathered and ends the file; the syncer closes it.
func (t *tape) finish() error {
	err := t.flush()
	if t.file == nil { // the disk had no room for it
		return err
	}
	if t.hasher != nil {
		t.hasher.cut()
	}
	t.finished = append(t.finished, t.current)
	t.progress.finish()
	t.file = nil
	return err
}

// abandon removes the files: nothing was recorded.
func (t *tape) abandon() {
	files, _ := t.end()
	for _, f := range files {
		_ = os.Remove(filepath.Join(t.dir, f.Name))
	}
}

// end closes the last file, waits for the disk and the digests, and returns all
// files. Nothing may be called after it.
func (t *tape) end() ([]File, error) {
	err := cmp.Or(t.finish(), t.syncer.end())
	if t.hasher != nil {
		for i, d := range t.hasher.end() {
			t.finished[i].SHA256, t.finished[i].Leaves = d.whole, d.leaves
		}
	}
	t.progress.end()
	return t.finished, err
}

// unpath keeps the path of this machine out of an error.
func unpath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s %s: %w", p.Op, filepath.Base(p.Path), p.Err)
	}
	return err
}

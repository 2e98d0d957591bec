package adbd

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	syncPathMax = 1024
	syncDataMax = 64 << 10
)

// syncService serves requests for files until the host quits or breaks the rules.
func (d *Daemon) syncService(s *stream) {
	y := &syncer{d: d, s: s, r: bufio.NewReaderSize(s, syncDataMax)}
	for y.request() {
	}
}

// syncer is one dialogue of the sync service.
type syncer struct {
	d *Daemon
	s *stream
	r *bufio.Reader
}

// request serves one request; false ends the dialogue.
func (y *syncer) request() bool {
	id, n, err := y.head()
	if err != nil || id == "QUIT" {
		return false
	}
	if n > syncPathMax {
		return y.fail("path too long")
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(y.r, name); err != nil {
		return false
	}
	file, v2 := clean(string(name)), slices.Contains(y.d.config.Features, FeatureSendRecv2)
	switch {
	case id == "STAT":
		return y.stat(file)
	case id == "STA2" || id == "LST2":
		return y.stat2(id, file)
	case id == "LIST":
		return y.list(file)
	case id == "RECV":
		return y.receive(file)
	case id == "RCV2" && v2:
		return y.setup(id, 1) != nil && y.receive(file)
	case id == "SEND":
		return y.send(string(name))
	case id == "SND2" && v2:
		setup := y.setup(id, 2)
		return setup != nil && y.store(file, fs.FileMode(setup[0]))
	}
	return y.fail(fmt.Sprintf("unknown command %08x", binary.LittleEndian.Uint32([]byte(id))))
}

// head reads four letters and a number.
func (y *syncer) head() (id string, n uint32, err error) {
	var h [8]byte
	if _, err := io.ReadFull(y.r, h[:]); err != nil {
		return "", 0, err
	}
	return string(h[:4]), binary.LittleEndian.Uint32(h[4:]), nil
}

// setup reads the second message of version 2: its numbers, the last of which
// are flags, that is kinds of compression; there are none here.
func (y *syncer) setup(id string, words int) []uint32 {
	b := make([]byte, 4+4*words)
	if _, err := io.ReadFull(y.r, b); err != nil || string(b[:4]) != id {
		return nil
	}
	var numbers []uint32
	for ; words > 0; words-- {
		b = b[4:]
		numbers = append(numbers, binary.LittleEndian.Uint32(b))
	}
	if flags := numbers[len(numbers)-1]; flags != 0 {
		y.fail(fmt.Sprintf("unsupported flags: %d", flags))
		return nil
	}
	return numbers
}

// answer sends four letters, numbers, and what follows them.
func (y *syncer) answer(id string, tail []byte, words ...uint32) bool {
	b := append(make([]byte, 0, 4+4*len(words)+len(tail)), id...)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	_, err := y.s.Write(append(b, tail...))
	return err == nil
}

// fail says what is wrong and ends the dialogue.
func (y *syncer) fail(reason string) bool {
	y.answer("FAIL", []byte(reason), uint32(len(reason)))
	return false
}

func (y *syncer) stat(file string) bool {
	info, err := y.d.config.Files.Stat(file)
	if err != nil {
		return y.answer("STAT", nil, 0, 0, 0)
	}
	return y.answer("STAT", nil, unixMode(info.Mode()), uint32(info.Size()), uint32(info.ModTime().Unix()))
}

func (y *syncer) stat2(id, file string) bool {
	var b [68]byte
	info, err := y.d.config.Files.Stat(file)
	if err != nil {
		binary.LittleEndian.PutUint32(b[0:], errno(err))
	} else {
		binary.LittleEndian.PutUint32(b[20:], unixMode(info.Mode()))
		binary.LittleEndian.PutUint32(b[24:], 1) // one link
		binary.LittleEndian.PutUint32(b[28:], shellUID)
		binary.LittleEndian.PutUint32(b[32:], shellUID)
		binary.LittleEndian.PutUint64(b[36:], uint64(info.Size()))
		for at := 44; at < 68; at += 8 {
			binary.LittleEndian.PutUint64(b[at:], uint64(info.ModTime().Unix()))
		}
	}
	return y.answer(id, b[:])
}

func (y *syncer) list(file string) bool {
	entries, _ := y.d.config.Files.ReadDir(file) // a folder that cannot be read is an empty one, as on Android
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue
		}
		if !y.answer("DENT", []byte(e.Name()), unixMode(info.Mode()), uint32(info.Size()), uint32(info.ModTime().Unix()), uint32(len(e.Name()))) {
			return false
		}
	}
	return y.answer("DONE", nil, 0, 0, 0, 0)
}

func (y *syncer) receive(file string) bool {
	f, err := y.d.config.Files.Open(file)
	if err != nil {
		return y.fail("open failed: " + reason(err))
	}
	defer f.Close()
	b := make([]byte, syncDataMax)
	for {
		n, err := io.ReadFull(f, b)
		if n > 0 && !y.answer("DATA", b[:n], uint32(n)) {
			return false
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return y.answer("DONE", nil, 0)
		case err != nil:
			return y.fail("read failed: " + reason(err))
		}
	}
}

// send takes a file whose mode stands behind the last comma of its name.
func (y *syncer) send(spec string) bool {
	comma := strings.LastIndexByte(spec, ',')
	if comma < 0 {
		return y.fail("missing , in ID_SEND")
	}
	mode, err := strconv.ParseUint(spec[comma+1:], 0, 32)
	if err != nil {
		return y.fail("bad mode")
	}
	return y.store(clean(spec[:comma]), fs.FileMode(mode))
}

// store takes the chunks of a file. Where it cannot keep them, it says so and
// reads on to the end, as adbd does, so that the host reads the answer.
func (y *syncer) store(file string, mode fs.FileMode) bool {
	f, err := y.d.config.Files.Create(file, mode.Perm())
	if err != nil {
		y.fail("couldn't create file: " + reason(err))
		_ = y.chunks(io.Discard)
		return false
	}
	err = y.chunks(f)
	if closed := f.Close(); err == nil && closed != nil {
		err = &writeError{closed}
	}
	var w *writeError
	switch {
	case errors.As(err, &w):
		y.fail("write failed: " + reason(w.error))
		_ = y.chunks(io.Discard)
		return false
	case err != nil: // a broken stream leaves no part behind
		_ = y.d.config.Files.Remove(file)
		return false
	}
	return y.answer("OKAY", nil, 0)
}

// writeError is about the file; other errors are about the stream.
type writeError struct{ error }

// chunks copies what the host sends until it is done.
func (y *syncer) chunks(w io.Writer) error {
	b := make([]byte, syncDataMax)
	for {
		id, n, err := y.head()
		switch {
		case err != nil:
			return err
		case id == "DONE":
			return nil
		case id != "DATA" || n > syncDataMax:
			y.fail("invalid data message")
			return errors.New("an invalid data message")
		}
		if _, err := io.ReadFull(y.r, b[:n]); err != nil {
			return noEOF(err)
		}
		if _, err := w.Write(b[:n]); err != nil {
			return &writeError{err}
		}
	}
}

func clean(name string) string { return path.Clean("/" + name) }

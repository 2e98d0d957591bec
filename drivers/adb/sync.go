package adb

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	syncPathMax = 1024
	syncDataMax = 64 << 10
)

// transfer is one dialogue with the device's sync service.
type transfer struct {
	l        *link
	r        *bufio.Reader
	features []string
}

func (d *Device) transfer(ctx context.Context, path string) (*transfer, error) {
	if path == "" || len(path) > syncPathMax || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("adb: a path of %d bytes; it needs 1 to %d, none of them NUL", len(path), syncPathMax)
	}
	features, err := d.Features(ctx)
	if err != nil {
		return nil, err
	}
	l, err := d.open(ctx, "sync:")
	if err != nil {
		return nil, err
	}
	return &transfer{l, bufio.NewReaderSize(l, readAhead), features}, nil
}

// Close tells the service and closes the link.
func (t *transfer) Close() error {
	_ = t.request("QUIT", "") // the link closes in any case
	return t.l.Close()
}

func (t *transfer) has(feature string) bool { return slices.Contains(t.features, feature) }

// request sends four letters and a path.
func (t *transfer) request(id, path string) error {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(path)))
	_, err := t.l.Write(append(b, path...))
	return err
}

// setup sends the second message of version 2: numbers, the last of which
// asks for no compression.
func (t *transfer) setup(id string, words ...uint32) error {
	b := []byte(id)
	for _, w := range append(words, 0) {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	_, err := t.l.Write(b)
	return err
}

// head reads four letters and a number. Where the device says FAIL, the error
// is a *RefusedError.
func (t *transfer) head(what string) (id string, n uint32, err error) {
	var h [8]byte
	if err := t.l.whole(t.r, h[:]); err != nil {
		return "", 0, err
	}
	id, n = string(h[:4]), binary.LittleEndian.Uint32(h[4:])
	if id != "FAIL" {
		return id, n, nil
	}
	reason := make([]byte, min(n, syncDataMax))
	if err := t.l.whole(t.r, reason); err != nil {
		return "", 0, err
	}
	return "", 0, &RefusedError{what, string(reason)}
}

// Stat is what a device says of a file.
type Stat struct {
	Mode     fs.FileMode
	Size     int64
	Modified time.Time // to the second
}

// Stat asks for a file. Devices before Android 9 count its size modulo 4 GiB,
// and tell no reason where they cannot see it: fs.ErrNotExist.
func (d *Device) Stat(ctx context.Context, path string) (Stat, error) {
	t, err := d.transfer(ctx, path)
	if err != nil {
		return Stat{}, err
	}
	defer t.Close()
	return t.stat(path)
}

func (t *transfer) stat(path string) (Stat, error) {
	if t.has("stat_v2") {
		return t.stat2(path)
	}
	if err := t.request("STAT", path); err != nil {
		return Stat{}, err
	}
	var b [16]byte
	if err := t.l.whole(t.r, b[:]); err != nil {
		return Stat{}, err
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	switch {
	case string(b[:4]) != "STAT":
		return Stat{}, t.l.lost(fmt.Errorf("the answer %q is not STAT", b[:4]))
	case word(1) == 0:
		return Stat{}, &fs.PathError{Op: "adb stat", Path: path, Err: fs.ErrNotExist}
	}
	return Stat{fileMode(word(1)), int64(word(2)), time.Unix(int64(word(3)), 0)}, nil
}

func (t *transfer) stat2(path string) (Stat, error) {
	if err := t.request("STA2", path); err != nil {
		return Stat{}, err
	}
	var b [72]byte
	if err := t.l.whole(t.r, b[:]); err != nil {
		return Stat{}, err
	}
	code := binary.LittleEndian.Uint32(b[4:])
	switch {
	case string(b[:4]) != "STA2":
		return Stat{}, t.l.lost(fmt.Errorf("the answer %q is not STA2", b[:4]))
	case code != 0: // numbered as Linux does, where spanrig runs; elsewhere the text may differ
		return Stat{}, &fs.PathError{Op: "adb stat", Path: path, Err: syscall.Errno(code)}
	}
	size, modified := binary.LittleEndian.Uint64(b[40:]), binary.LittleEndian.Uint64(b[56:])
	return Stat{fileMode(binary.LittleEndian.Uint32(b[24:])), int64(size), time.Unix(int64(modified), 0)}, nil
}

// fileMode reads a mode as struct stat has it.
func fileMode(m uint32) fs.FileMode {
	mode := fs.FileMode(m & 0o777)
	switch m & 0o170000 {
	case 0o040000:
		mode |= fs.ModeDir
	case 0o120000:
		mode |= fs.ModeSymlink
	case 0o020000:
		mode |= fs.ModeDevice | fs.ModeCharDevice
	case 0o060000:
		mode |= fs.ModeDevice
	case 0o010000:
		mode |= fs.ModeNamedPipe
	case 0o140000:
		mode |= fs.ModeSocket
	}
	return mode
}

package adb

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// answering is a link whose other end says reply, swallows what it hears, and closes.
func answering(t *testing.T, reply []byte) *link {
	ours, theirs := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, theirs) }()
	go func() {
		_, _ = theirs.Write(reply)
		theirs.Close()
	}()
	l := newLink(t.Context(), ours, time.Second, "test")
	t.Cleanup(func() { l.Close() })
	return l
}

// FuzzShellProtocol holds the reader of packets against one that has all of
// them at hand: the same output and code, or a loss.
func FuzzShellProtocol(f *testing.F) {
	f.Add([]byte("\x01\x03\x00\x00\x00out\x02\x03\x00\x00\x00err\x01\x00\x00\x00\x00\x01\x01\x00\x00\x00!\x03\x01\x00\x00\x00\x07"))
	f.Add([]byte("\x03\x00\x00\x00\x00"))
	f.Add([]byte("\x01\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, reply []byte) {
		var stderr, stdout bytes.Buffer
		l := answering(t, reply)
		p := &framed{l: l, r: bufio.NewReader(l), stderr: &stderr, stdin: make(chan error, 1)}
		_, err := io.Copy(&stdout, p)
		wantOut, wantErr, code, ok := unpack(reply)
		switch {
		case ok && (err != nil || p.code != code || stdout.String() != wantOut || stderr.String() != wantErr):
			t.Errorf("%q, %q, %d, %v; want %q, %q, %d", stdout.String(), stderr.String(), p.code, err, wantOut, wantErr, code)
		case !ok && !errors.Is(err, drivers.ErrLost):
			t.Errorf("%q is no whole dialogue: %v", reply, err)
		}
	})
}

// unpack reads all packets up to the exit code.
func unpack(b []byte) (stdout, stderr string, code int, ok bool) {
	for len(b) >= 5 {
		n := binary.LittleEndian.Uint32(b[1:])
		if uint64(n) > uint64(len(b)-5) {
			return "", "", 0, false
		}
		id, content := b[0], b[5:5+n]
		b = b[5+n:]
		switch id {
		case idStdout:
			stdout += string(content)
		case idStderr:
			stderr += string(content)
		case idExit:
			if n != 1 {
				return "", "", 0, false
			}
			return stdout, stderr, int(content[0]), true
		default:
			return "", "", 0, false
		}
	}
	return "", "", 0, false
}

// FuzzMarked reads the output of an old device: up to the mark at its end, or a loss.
func FuzzMarked(f *testing.F) {
	const token = "TOKEN"
	f.Add([]byte("output\nTOKEN0\n"))
	f.Add([]byte("TOKEN1\nTOKEN255\r\n"))
	f.Add([]byte("TOKEN256\n"))
	f.Fuzz(func(t *testing.T, reply []byte) {
		m := newMarked(answering(t, reply), token)
		got, err := io.ReadAll(m)
		if err != nil {
			if !errors.Is(err, drivers.ErrLost) {
				t.Error(err)
			}
			return
		}
		at := bytes.LastIndex(reply, []byte(token))
		if at < 0 || !bytes.Equal(got, reply[:at]) || m.code < 0 || m.code > 255 {
			t.Errorf("%q, %d of %q", got, m.code, reply)
		}
	})
}

// FuzzTransfer reads what a sync service may say: a whole file or stat, or an
// error.
func FuzzTransfer(f *testing.F) {
	f.Add([]byte("DATA\x03\x00\x00\x00abcDONE\x00\x00\x00\x00"))
	f.Add([]byte("FAIL\x02\x00\x00\x00no"))
	f.Add([]byte("STAT\xa4\x81\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(append([]byte("STA2\x00\x00\x00\x00"), make([]byte, 64)...))
	f.Add([]byte("OKAY\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, reply []byte) {
		open := func(features ...string) *transfer {
			l := answering(t, reply)
			return &transfer{l, bufio.NewReader(l), features}
		}
		var file bytes.Buffer
		if err := open().receive("/x", &file); err == nil && !bytes.Contains(reply, []byte("DONE")) {
			t.Errorf("%q is a whole file: %q", reply, file.Bytes())
		}
		for _, features := range [][]string{nil, {"stat_v2"}} {
			if s, err := open(features...).stat("/x"); err != nil && s != (Stat{}) {
				t.Errorf("%+v and %v", s, err)
			}
		}
		if err := open().verdict("/x", nil); err == nil && !bytes.HasPrefix(reply, []byte("OKAY")) {
			t.Errorf("%q is a word of success", reply)
		}
	})
}

// FuzzStatus reads the server's answers.
func FuzzStatus(f *testing.F) {
	f.Add([]byte("OKAY"))
	f.Add([]byte("FAIL0005sorry"))
	f.Add([]byte("0003abc"))
	f.Fuzz(func(t *testing.T, reply []byte) {
		if err := answering(t, reply).status("x"); err == nil && !bytes.HasPrefix(reply, []byte("OKAY")) {
			t.Errorf("%q is OKAY", reply)
		}
		if s, err := answering(t, reply).text(); err != nil && s != "" {
			t.Errorf("%q and %v", s, err)
		}
	})
}

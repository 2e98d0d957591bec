package pseudo

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLine(t *testing.T) {
	link := filepath.Join(t.TempDir(), "port")
	p, err := Open(link)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // consoles come and go
		console, err := os.OpenFile(link, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		for _, way := range []struct {
			from io.Writer
			to   io.Reader
		}{{p, console}, {console, p}} {
			got := make([]byte, 256)
			if _, err := way.from.Write(all); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(way.to, got); err != nil || !bytes.Equal(got, all) {
				t.Errorf("% x, %v: not as it was sent", got, err)
			}
		}
		console.Close()
	}
	next, err := Open(link)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { p.Close() })
	if _, err := p.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read while it was closed: %v", err)
	}
	if to, err := os.Readlink(link); err != nil || to != next.Path {
		t.Errorf("the link leads to %s, %v, want the next port", to, err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(link); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link is still there: %v", err)
	}
	if _, err := Open("/no/such/folder/port"); err == nil {
		t.Error("no error")
	}
}

package serial

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestEntryReads(t *testing.T) {
	e := Entry{time.Date(2026, 11, 23, 10, 0, 0, 1, time.UTC), In, []byte("U\r\r\n\x00\xff\"\\ \xe2\x82\xac")}
	const line = `2026-11-23T10:00:00.000000001Z < "U\r\r\n\x00\xff\"\\ \u20ac"` + "\n"
	if got := string(e.Append(nil)); got != line {
		t.Errorf("printed %q, want %q", got, line)
	}
	back, err := ParseEntry([]byte(line))
	if err != nil || !back.At.Equal(e.At) || back.Direction != In || !bytes.Equal(back.Bytes, e.Bytes) {
		t.Errorf("read back %+v, %v", back, err)
	}
}

func FuzzEntry(f *testing.F) {
	f.Add(int64(1), []byte("hello"), byte('<'))
	f.Add(int64(1e18), []byte{0xff, 0, 0x55, '\n', 0xef, 0xbf, 0xbd}, byte('!'))
	f.Fuzz(func(t *testing.T, ns int64, p []byte, direction byte) {
		if direction != In && direction != Out && direction != Event || ns < 0 {
			return
		}
		e := Entry{time.Unix(0, ns), direction, p}
		line := e.Append(nil)
		if bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("not one line: %q", line)
		}
		back, err := ParseEntry(line)
		if err != nil || !back.At.Equal(e.At) || back.Direction != direction || !bytes.Equal(back.Bytes, p) {
			t.Fatalf("%q reads as %+v, %v", line, back, err)
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add([]byte(`2026-11-23T10:00:00Z < "x"`))
	f.Add([]byte("2026-11-23T10:00:00Z < `x`"))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseEntry(line)
		if (err != nil) == (e.Direction != 0) {
			t.Fatalf("value xor error: %+v, %v", e, err)
		}
		if err != nil {
			return
		}
		if again, err := ParseEntry(e.Append(nil)); err != nil || !again.At.Equal(e.At) || !bytes.Equal(again.Bytes, e.Bytes) {
			t.Fatalf("%+v, then %+v, %v", e, again, err)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestLogSaysItsErrorOnce(t *testing.T) {
	j := journal{w: full{}}
	if err := j.write(time.Now(), In, []byte("x")); err == nil {
		t.Error("no error from a full disk")
	}
	if err := j.write(time.Now(), In, []byte("x")); err != nil {
		t.Errorf("again: %v", err)
	}
	if j.err() == nil {
		t.Error("forgotten at the end")
	}
}

package serial

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

func here() error { return nil }

func cursorOf(w *window) *cursor { return &cursor{w: w, away: here, pos: w.end()} }

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestExpectTakesWhatEndsFirst(t *testing.T) {
	tests := []struct {
		text     string
		patterns []string
		pattern  int
		match    string
		before   string
	}{
		{"login: ", []string{"login: $"}, 0, "login: ", ""},
		{"ab cd", []string{"cd", "b"}, 1, "b", "a"},
		{"abc", []string{"abc", "ab"}, 1, "ab", ""},
		{"abc", []string{"bc", "abc"}, 0, "bc", "a"}, // same end: the first in the list
		{"x\xffy", []string{`(?s)x.y`}, 0, "x\xffy", ""},
		{"no\r\nyes\r\n", []string{`(?m)^yes\r?$`}, 0, "yes\r", "no\r\n"},
	}
	for _, tt := range tests {
		w := newWindow(100)
		c := cursorOf(w)
		w.add([]byte(tt.text), time.Now())
		var patterns []*regexp.Regexp
		for _, p := range tt.patterns {
			patterns = append(patterns, re(p))
		}
		m, err := c.Expect(soon(t), patterns...)
		if err != nil || m.Pattern != tt.pattern || m.Text != tt.match || m.Before != tt.before {
			t.Errorf("%q on %q: %+v, %v", tt.patterns, tt.text, m, err)
		}
	}
}

func TestExpectGroupsAndTime(t *testing.T) {
	w := newWindow(100)
	c := cursorOf(w)
	first := time.Now()
	w.add([]byte("relay "), first)
	w.add([]byte("1 on\n"), first.Add(time.Second))
	w.add([]byte("noise"), first.Add(2*time.Second))
	m, err := c.Expect(soon(t), re(`relay (\d) (?:(on)|(off))\n`))
	if err != nil || strings.Join(m.Groups, ",") != "1,on," || !m.At.Equal(first.Add(time.Second)) {
		t.Errorf("%+v, %v; want the groups and the time of the last byte", m, err)
	}
}

func TestCursorsDoNotTakeFromEachOther(t *testing.T) {
	w := newWindow(100)
	a, b := cursorOf(w), cursorOf(w)
	w.add([]byte("one two one"), time.Now())
	for _, c := range []*cursor{a, b} {
		for _, want := range []string{"one", "two", "one"} {
			if m, err := c.Expect(soon(t), re(`one|two`)); err != nil || m.Text != want {
				t.Fatalf("%+v, %v, want %s", m, err, want)
			}
		}
	}
}

func TestExpectWaits(t *testing.T) {
	w := newWindow(100)
	c := cursorOf(w)
	go func() {
		for _, s := range strings.Split("rea|dy\n|>", "|") {
			time.Sleep(2 * time.Millisecond)
			w.add([]byte(s), time.Now())
		}
	}()
	if m, err := c.Expect(soon(t), re(`ready\n>`)); err != nil || m.Text != "ready\n>" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestExpectOnALongText(t *testing.T) {
	w := newWindow(1 << 20)
	c := cursorOf(w)
	go func() {
		w.add(bytes.Repeat([]byte("x"), 50_000), time.Now())
		w.add([]byte("end"), time.Now()) // too little to be looked at before a moment has passed
	}()
	if m, err := c.Expect(soon(t), re(`end`)); err != nil || len(m.Before) != 50_000 {
		t.Errorf("%d bytes before, %v", len(m.Before), err)
	}
}

// TestMatchBeforeTrimming sends more than the window at once: who waits sees it all.
func TestMatchBeforeTrimming(t *testing.T) {
	w := newWindow(64)
	c := cursorOf(w)
	found := make(chan error, 1)
	go func() {
		_, err := c.Expect(soon(t), re(`needle`))
		found <- err
	}()
	waiting(t, w, 1)
	w.add([]byte("needle"+strings.Repeat("hay", 1000)), time.Now())
	if err := <-found; err != nil {
		t.Error(err)
	}
	if n := len(w.buf); n > 64 {
		t.Errorf("window holds %d bytes", n)
	}
}

func waiting(t *testing.T, w *window, n int) {
	t.Helper()
	for range 20_000 {
		w.mu.Lock()
		have := len(w.waiters)
		w.mu.Unlock()
		if have == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("nobody waits")
}

func TestOvertaken(t *testing.T) {
	w := newWindow(64)
	idle, busy := cursorOf(w), cursorOf(w)
	result := make(chan error, 1)
	go func() {
		_, err := busy.Expect(soon(t), re(`never`))
		result <- err
	}()
	waiting(t, w, 1)
	w.add(bytes.Repeat([]byte("x"), 100), time.Now())
	if e, ok := errors.AsType[*OvertakenError](<-result); !ok || e.Missed != 36 {
		t.Errorf("who waited heard %v, want 36 bytes missed", e)
	}
	_, err := idle.Expect(soon(t), re(`x`))
	if e, ok := errors.AsType[*OvertakenError](err); !ok || e.Missed != 36 {
		t.Errorf("who came late heard %v, want 36 bytes missed", err)
	}
	if m, err := idle.Expect(soon(t), re(`x+`)); err != nil || len(m.Text) != 64 {
		t.Errorf("then %d bytes, %v; want the 64 that are there", len(m.Text), err)
	}
}

func TestExpectGivesUp(t *testing.T) {
	w := newWindow(1000)
	c := cursorOf(w)
	w.add([]byte("something else"), time.Now())
	cause := errors.New("the run is over")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, cause)
	defer cancel()
	_, err := c.Expect(ctx, re(`a`), re(`^b`))
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, cause) || !strings.Contains(err.Error(), "something else") {
		t.Errorf("%v; want the deadline, its cause, and what came", err)
	}
	if m, err := c.Expect(soon(t), re(`else`)); err != nil || m.Before != "something " {
		t.Errorf("afterwards %+v, %v; the cursor has not moved", m, err)
	}
	if _, err := c.Expect(soon(t)); err == nil {
		t.Error("no pattern, no error")
	}
}

func TestExpectInAGapSaysLost(t *testing.T) {
	w := newWindow(10)
	c := &cursor{w: w, away: func() error { return drivers.ErrLost }}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := c.Expect(ctx, re(`a`)); !errors.Is(err, drivers.ErrLost) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want lost and the deadline", err)
	}
}

func TestFailureWakes(t *testing.T) {
	w := newWindow(100)
	c := cursorOf(w)
	result := make(chan error, 1)
	go func() {
		_, err := c.Expect(soon(t), re(`never`))
		result <- err
	}()
	waiting(t, w, 1)
	w.add([]byte("last words"), time.Now())
	w.fail(drivers.ErrLost)
	if err := <-result; !errors.Is(err, drivers.ErrLost) {
		t.Errorf("%v", err)
	}
	if m, err := c.Expect(soon(t), re(`words`)); err != nil || m.Text != "words" {
		t.Errorf("what had come is still there: %+v, %v", m, err)
	}
	if _, err := c.Expect(soon(t), re(`more`)); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("%v", err)
	}
	if err := w.settle(soon(t), time.Millisecond, func() bool { return true }); !errors.Is(err, drivers.ErrLost) {
		t.Errorf("settle: %v", err)
	}
}

func TestSettle(t *testing.T) {
	w := newWindow(100)
	go func() {
		for range 20 {
			w.add([]byte("x"), time.Now())
			time.Sleep(5 * time.Millisecond)
		}
	}()
	began := time.Now()
	if err := w.settle(soon(t), 200*time.Millisecond, func() bool { return true }); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 280*time.Millisecond {
		t.Errorf("settled after %v, amid the noise", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := w.settle(ctx, time.Millisecond, func() bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a port that is away settled: %v", err)
	}
}

func TestStampsStayFew(t *testing.T) {
	w := newWindow(1000)
	at := time.Now()
	for i := range 10_000 {
		w.add([]byte("x"), at.Add(time.Duration(i)*time.Microsecond))
	}
	if len(w.stamps) > 20 {
		t.Errorf("%d stamps for 10 ms", len(w.stamps))
	}
	for i := range 10_000 {
		w.add([]byte("x"), at.Add(time.Duration(i)*time.Second))
	}
	if len(w.stamps) > 1200 {
		t.Errorf("%d stamps for a window of 1000 bytes", len(w.stamps))
	}
}

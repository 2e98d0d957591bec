package drivertest

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Console tests a console to a device that echoes each byte and says nothing
// else: a plug that joins TX to RX, or "cat" on a raw terminal. open gives an
// open one, which the test closes.
func Console(t *testing.T, open func(*testing.T) drivers.Console) {
	for name, test := range map[string]func(*testing.T, drivers.Console){
		"what is sent comes in":           consoleEcho,
		"groups, before and behind":       consoleMatch,
		"the match that ends first":       consoleFirst,
		"cursors do not take from others": consoleCursors,
		"a cursor starts at the end":      consoleEnd,
		"waiting ends with the context":   consoleCancel,
		"closing wakes who waits":         consoleClose,
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			defer c.Close()
			test(t, c)
		})
	}
}

func send(t *testing.T, c drivers.Console, s string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Send(ctx, []byte(s)); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, u drivers.Cursor, patterns ...string) drivers.Match {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var all []*regexp.Regexp
	for _, p := range patterns {
		all = append(all, regexp.MustCompile(p))
	}
	m, err := u.Expect(ctx, all...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func consoleEcho(t *testing.T, c drivers.Console) {
	u := c.Cursor()
	text := "all bytes: \x00\x01\x7f\x80\xff\r\n\x1b end"
	begin := time.Now()
	send(t, c, text)
	m := expect(t, u, `end`)
	if m.Before+m.Text != text {
		t.Errorf("came in as %q", m.Before+m.Text)
	}
	if m.At.Before(begin) || m.At.After(time.Now()) {
		t.Errorf("matched at %v, between %v and now", m.At, begin)
	}
}

func consoleMatch(t *testing.T, c drivers.Console) {
	u := c.Cursor()
	send(t, c, "noise version=1.2 rest version=3\n")
	m := expect(t, u, `version=(\d+)(\.\d+)?`)
	if m.Text != "version=1.2" || len(m.Groups) != 2 || m.Groups[0] != "1" || m.Groups[1] != ".2" || m.Before != "noise " {
		t.Errorf("%+v", m)
	}
	m = expect(t, u, `version=(\d+)(\.\d+)?\n`)
	if m.Text != "version=3\n" || len(m.Groups) != 2 || m.Groups[0] != "3" || m.Groups[1] != "" || m.Before != " rest " {
		t.Errorf("%+v", m)
	}
}

func consoleFirst(t *testing.T, c drivers.Console) {
	u := c.Cursor()
	all := c.Cursor()
	send(t, c, "abcd|")
	expect(t, all, `\|`) // everything is there, so that it cannot matter what came first
	if m := expect(t, u, `bcd`, `bc`, `b.`); m.Pattern != 1 || m.Text != "bc" || m.Before != "a" {
		t.Errorf("%+v; want pattern 1, which ends first and stands before its equal", m)
	}
	if m := expect(t, u, `nothing`, `d`); m.Pattern != 1 || m.Before != "" {
		t.Errorf("%+v", m)
	}
}

func consoleCursors(t *testing.T, c drivers.Console) {
	one, two := c.Cursor(), c.Cursor()
	send(t, c, "a;b;")
	for _, u := range []drivers.Cursor{one, two} {
		if m := expect(t, u, `a;`); m.Before != "" {
			t.Errorf("%+v", m)
		}
	}
	expect(t, two, `b;`)
	if m := expect(t, one, `b;`); m.Before != "" {
		t.Errorf("%+v", m)
	}
}

func consoleEnd(t *testing.T, c drivers.Console) {
	u := c.Cursor()
	send(t, c, "old;")
	expect(t, u, `old;`)
	late := c.Cursor()
	send(t, c, "new;")
	if m := expect(t, late, `\w+;`); m.Text != "new;" || m.Before != "" {
		t.Errorf("a late cursor saw %+v", m)
	}
}

func consoleCancel(t *testing.T, c drivers.Console) {
	u := c.Cursor()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := u.Expect(ctx, regexp.MustCompile(`never`))
	if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took > prompt {
		t.Errorf("%v after %v", err, took)
	}
	send(t, c, "x;")
	if m := expect(t, u, `x;`); m.Before != "" {
		t.Errorf("after a wait that ended: %+v", m)
	}
}

func consoleClose(t *testing.T, c drivers.Console) {
	u := c.Cursor()
	closing := time.AfterFunc(100*time.Millisecond, func() { c.Close() })
	defer closing.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := u.Expect(ctx, regexp.MustCompile(`never`)); err == nil || ctx.Err() != nil {
		t.Errorf("Expect on a console that closes: %v", err)
	}
	if err := c.Send(ctx, []byte("x")); err == nil {
		t.Error("Send on a closed console")
	}
}

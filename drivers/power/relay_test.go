package power

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/serial"
	"github.com/spanrig/spanrig/drivers/serial/pseudo"
)

// board is a relay board with two channels on a pseudo-terminal. It takes A0
// frames, FF and lines of text.
type board struct {
	mu    sync.Mutex
	on    [3]bool
	stuck bool // hears and does not switch
	mute  bool
	asked func() // with each question
}

func (b *board) serve(p *pseudo.Port) {
	var pending []byte
	buf := make([]byte, 64)
	for {
		n, err := p.Read(buf)
		if err != nil {
			return
		}
		pending = append(pending, buf[:n]...)
		for {
			used, answer := b.hear(pending)
			if used == 0 {
				break
			}
			pending = pending[used:]
			_, _ = p.Write(answer)
		}
	}
}

// hear takes one command from what came.
func (b *board) hear(p []byte) (used int, answer []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() {
		if b.mute {
			answer = nil
		}
	}()
	switch {
	case len(p) == 0:
		return 0, nil
	case p[0] == 0xff:
		return 1, fmt.Appendf(nil, "CH1:%s \r\nCH2:%s \r\n", upper(b.on[1]), upper(b.on[2]))
	case p[0] == 0xa0 && len(p) >= 4:
		channel, operation := p[1], p[2]
		if p[3] != 0xa0+channel+operation {
			return 4, nil
		}
		if operation == 5 {
			b.asked()
			state := byte(0)
			if b.on[channel] {
				state = 1
			}
			return 4, a0(channel, state)
		}
		b.set(int(channel), operation == 1)
		return 4, nil
	case p[0] == 0xa0:
		return 0, nil
	}
	line, _, whole := bytes.Cut(p, []byte("\r"))
	if !whole {
		return 0, nil
	}
	switch string(line) {
	case "set 1 on", "set 1 off":
		b.set(1, strings.HasSuffix(string(line), "on"))
		return len(line) + 1, []byte("ok\r\n")
	case "get 1":
		return len(line) + 1, fmt.Appendf(nil, "relay 1 is %s\r\n", strings.ToLower(upper(b.on[1])))
	}
	return len(line) + 1, []byte("what?\r\n")
}

func (b *board) set(channel int, on bool) {
	if !b.stuck {
		b.on[channel] = on
	}
}

func (b *board) state(channel int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.on[channel]
}

func upper(on bool) string { return strings.ToUpper(word(on)) }

// connect returns a console of the board.
func connect(t *testing.T, b *board) drivers.Console {
	t.Helper()
	if b.asked == nil {
		b.asked = func() {}
	}
	p, err := pseudo.Open(filepath.Join(t.TempDir(), "board"))
	if err != nil {
		t.Fatal(err)
	}
	go b.serve(p)
	c, err := serial.Open(serial.Config{Path: p.Path, Baud: 9600})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); p.Close() })
	return c
}

func soon(t *testing.T) context.Context { return within(t, 30*time.Second) }

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func textBoard(t *testing.T) Board {
	t.Helper()
	b, err := Text("set 1 on\r", "set 1 off\r", "get 1\r", `relay 1 is on`, `relay 1 is off`)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestA0Frames(t *testing.T) {
	b := A0(2)
	for _, tt := range []struct {
		have []byte
		want string
	}{{A0(1).On, "a00101a2"}, {A0(1).Off, "a00100a1"}, {A0(1).Query, "a00105a6"}, {b.On, "a00201a3"}, {b.Off, "a00200a2"}} {
		if got := fmt.Sprintf("%x", tt.have); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	if !b.IsOn.Match([]byte{0xa0, 2, 1, 0xa3}) || b.IsOn.Match([]byte{0xa0, 2, 0, 0xa2}) || b.IsOn.Match([]byte{0xa0, 1, 1, 0xa2}) {
		t.Error("the answer is matched wrongly")
	}
}

func TestRelay(t *testing.T) {
	for name, protocol := range map[string]Board{"a0": A0(1), "a0 text": A0Text(1), "text": textBoard(t)} {
		t.Run(name, func(t *testing.T) {
			b := new(board)
			c := connect(t, b)
			noted := 0
			r, err := NewRelay(RelayConfig{Console: c, Board: protocol, Note: func(kind string, keys map[string]any) {
				if kind == "power" && keys["reached"] == true {
					noted++
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []bool{true, false} {
				if err := r.Set(soon(t), want); err != nil || b.state(1) != want || b.state(2) {
					t.Errorf("set %v: %v; the board is %v", want, err, b.on)
				}
				if on, by, err := r.Measured(soon(t)); err != nil || on != want || !strings.Contains(by, "board says "+word(want)) {
					t.Errorf("measured %v by %q, %v", on, by, err)
				}
			}
			if noted != 2 {
				t.Errorf("%d notes", noted)
			}
		})
	}
}

func TestInverted(t *testing.T) {
	b := new(board)
	c := connect(t, b)
	r, err := NewRelay(RelayConfig{Console: c, Board: A0(1), Inverted: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Set(soon(t), false); err != nil || !b.state(1) {
		t.Errorf("the load is off while the relay is on: %v, %v", err, b.state(1))
	}
	if on, _, err := r.Measured(soon(t)); err != nil || on {
		t.Errorf("measured %v, %v", on, err)
	}
}

// TestBoardThatLies stays on: Set must not believe that it switched.
func TestBoardThatLies(t *testing.T) {
	ctx, cancel := context.WithCancel(soon(t))
	asked := 0
	c := connect(t, &board{on: [3]bool{1: true}, stuck: true, asked: func() {
		if asked++; asked == 5 {
			cancel()
		}
	}})
	r, err := NewRelay(RelayConfig{Console: c, Board: A0(1), Name: "outlet"})
	if err != nil {
		t.Fatal(err)
	}
	err = r.Set(ctx, false)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "outlet: asked off, but board says on") {
		t.Errorf("%v", err)
	}
	welded := func(context.Context) (bool, string, error) { return true, "meter 0.40 A", nil } // the register says off, the contact is stuck
	c = connect(t, new(board))
	r, err = NewRelay(RelayConfig{Console: c, Board: A0(1), Witness: welded})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Set(within(t, 300*time.Millisecond), false); err == nil || !strings.Contains(err.Error(), "meter 0.40 A") {
		t.Errorf("%v", err)
	}
}

func TestMuteBoard(t *testing.T) {
	c := connect(t, &board{mute: true})
	r, err := NewRelay(RelayConfig{Console: c, Board: A0(1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Set(within(t, 300*time.Millisecond), true); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestNewRelayRefuses(t *testing.T) {
	c := connect(t, new(board))
	blind := A0(1)
	blind.Query = nil
	if _, err := NewRelay(RelayConfig{Console: c, Board: blind}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v: nothing can tell", err)
	}
	if _, err := NewRelay(RelayConfig{Board: A0(1)}); err == nil {
		t.Error("no console, no error")
	}
	for _, p := range [][2]string{{"(", "off"}, {"on", "("}, {"", "off"}, {"on", ".*"}} {
		if b, err := Text("a", "b", "c", p[0], p[1]); err == nil {
			t.Errorf("%q: %+v", p, b)
		}
	}
}

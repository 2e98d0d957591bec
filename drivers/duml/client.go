package duml

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Config says how a client asks; its zero value is a personal computer that
// tries three times, a second each.
type Config struct {
	Self  Module        // the sender; 0: a PC, index 0
	Tries int           // of a request; 0: 3
	Wait  time.Duration // for the answer to a try; 0: 1 s
}

// Client asks modules over a console. Its methods may be called from every
// goroutine: each follows the stream on its own.
type Client struct {
	console drivers.Console
	cfg     Config
	seq     atomic.Uint32
}

// New returns a client of what is at the other end of a console.
func New(console drivers.Console, cfg Config) *Client {
	if cfg.Self == 0 {
		cfg.Self = At(PC, 0)
	}
	if cfg.Tries <= 0 {
		cfg.Tries = 3
	}
	if cfg.Wait <= 0 {
		cfg.Wait = time.Second
	}
	return &Client{console: console, cfg: cfg}
}

// Version asks a module for its versions.
func (c *Client) Version(ctx context.Context, module Module) (Version, error) {
	f, err := c.Request(ctx, module, SetGeneral, idVersion, nil)
	if err != nil {
		return Version{}, err
	}
	return ParseVersion(f.Payload)
}

// Identify asks a module for its identification; what comes is the maker's
// and of no known form.
func (c *Client) Identify(ctx context.Context, module Module) ([]byte, error) {
	f, err := c.Request(ctx, module, SetGeneral, idIdentify, nil)
	return f.Payload, err
}

// Serial asks a module for its serial number; what comes is of no known form.
func (c *Client) Serial(ctx context.Context, module Module) ([]byte, error) {
	f, err := c.Request(ctx, module, SetGeneral, idSerial, nil)
	return f.Payload, err
}

// Request sends a command and returns the answer to it. The error is
// ErrRefused where the command is not allowed, and names the module where it
// does not answer.
func (c *Client) Request(ctx context.Context, to Module, set, id byte, payload []byte) (Frame, error) {
	var err error
	for range c.cfg.Tries {
		var answer Frame
		if answer, err = c.try(ctx, to, set, id, payload); err == nil {
			return answer, nil
		}
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			break
		}
	}
	if errors.Is(err, ErrRefused) {
		return Frame{}, err
	}
	return Frame{}, fmt.Errorf("duml: module %s, set %#02x id %#02x: %w", to, set, id, err)
}

func (c *Client) try(ctx context.Context, to Module, set, id byte, payload []byte) (Frame, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Wait, errSilent)
	defer cancel()
	s := stream{cursor: c.console.Cursor()}
	asked, err := c.send(ctx, to, set, id, payload)
	if err != nil {
		return Frame{}, err
	}
	for {
		f, _, err := s.next(ctx)
		if err != nil || f.answers(asked) {
			return f, err
		}
	}
}

var errSilent = errors.New("no answer in time; is the device on, is this its DUML port")

// send is the one place that sends, and the gate.
func (c *Client) send(ctx context.Context, to Module, set, id byte, payload []byte) (Frame, error) {
	f := Frame{Version: 1, From: c.cfg.Self, To: to, Seq: uint16(c.seq.Add(1)), Ack: AckAfter, Set: set, ID: id, Payload: payload}
	if err := Check(f); err != nil {
		return f, err
	}
	b, err := f.Append(nil)
	if err != nil {
		return f, err
	}
	return f, c.console.Send(ctx, b)
}

// answers says whether f is the answer to a request. The response bit is not
// asked for: devices leave it off.
func (f Frame) answers(asked Frame) bool {
	return f.Set == asked.Set && f.ID == asked.ID && f.Seq == asked.Seq && f.From == asked.To && f.To == asked.From
}

// stream reads frames at a cursor.
type stream struct {
	cursor  drivers.Cursor
	decoder Decoder
	ready   []Frame
	at      time.Time // when the last of them had come
}

var anything = regexp.MustCompile(`(?s).+`)

// next returns the next frame and when it had come.
func (s *stream) next(ctx context.Context) (Frame, time.Time, error) {
	emit := func(f Frame) { s.ready = append(s.ready, f) }
	for len(s.ready) == 0 {
		m, err := s.cursor.Expect(ctx, anything)
		if err != nil {
			for len(s.ready) == 0 && len(s.decoder.pending) > 0 { // silence: what is pending was no frame
				s.decoder.Resync(emit)
			}
			if len(s.ready) == 0 {
				return Frame{}, s.at, err
			}
			break
		}
		s.at = m.At
		s.decoder.Feed([]byte(m.Text), emit)
	}
	f := s.ready[0]
	s.ready = s.ready[1:]
	return f, s.at, nil
}

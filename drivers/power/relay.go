package power

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Board is what a relay board wants to hear for one of its channels, and what
// it answers.
type Board struct {
	On, Off []byte
	Query   []byte         // asks for the state; empty: the board cannot say
	IsOn    *regexp.Regexp // in the answer
	IsOff   *regexp.Regexp
}

// A0 is a channel, from 1, of the common boards with four-byte frames (LCUS,
// 9600 baud): A0, channel, operation, sum. Operations 1 and 0 switch on and off,
// 5 asks; the answer is such a frame with the state. Boards differ in what they
// can be asked, see [A0Text].
func A0(channel byte) Board {
	return Board{
		On: a0(channel, 1), Off: a0(channel, 0), Query: a0(channel, 5),
		IsOn: a0Answer(channel, 1), IsOff: a0Answer(channel, 0),
	}
}

// A0Text is a channel, from 1, of the boards that are switched like [A0] and
// answer the byte FF with a line for each channel: "CH1: ON".
func A0Text(channel byte) Board {
	return Board{
		On: a0(channel, 1), Off: a0(channel, 0), Query: []byte{0xff},
		IsOn:  regexp.MustCompile(fmt.Sprintf(`(?i)CH0?%d: ?ON\b`, channel)),
		IsOff: regexp.MustCompile(fmt.Sprintf(`(?i)CH0?%d: ?OFF\b`, channel)),
	}
}

// Text is a board that is described by data: what switches it on and off and
// asks it, as it is to be sent, and regular expressions for the two answers.
func Text(on, off, query, isOn, isOff string) (Board, error) {
	b := Board{On: []byte(on), Off: []byte(off), Query: []byte(query)}
	var err1, err2 error
	if query != "" {
		b.IsOn, err1 = regexp.Compile(isOn)
		b.IsOff, err2 = regexp.Compile(isOff)
	}
	if err := errors.Join(err1, err2); err != nil {
		return Board{}, fmt.Errorf("relay board: %w", err)
	}
	if query != "" && (b.IsOn.MatchString("") || b.IsOff.MatchString("")) {
		return Board{}, errors.New("relay board: an answer that is empty says nothing; give patterns that do not match it")
	}
	return b, nil
}

func a0(channel, operation byte) []byte {
	return []byte{0xa0, channel, operation, 0xa0 + channel + operation}
}

// a0Answer matches a frame; first and last byte are no UTF-8, so that a pattern
// sees them as U+FFFD.
func a0Answer(channel, state byte) *regexp.Regexp {
	return regexp.MustCompile(fmt.Sprintf(`\x{FFFD}\x%02x\x%02x\x{FFFD}`, channel, state))
}

// RelayConfig names a relay.
type RelayConfig struct {
	Console  drivers.Console // of the board
	Board    Board
	Name     string  // for messages; empty: "relay"
	Inverted bool    // the load hangs on the contact that is closed while the relay is off
	Witness  Witness // of the load; nil: the board's own answer
	Note     drivers.Note
}

// Relay is a drivers.Power: a channel of a relay board.
type Relay struct {
	cfg RelayConfig
	mu  sync.Mutex
}

// NewRelay returns a relay. The error is errors.ErrUnsupported where neither
// the board nor a witness can say what is so.
func NewRelay(cfg RelayConfig) (*Relay, error) {
	if cfg.Name == "" {
		cfg.Name = "relay"
	}
	b := cfg.Board
	asks := len(b.Query) > 0 && b.IsOn != nil && b.IsOff != nil
	switch {
	case cfg.Console == nil || len(b.On) == 0 || len(b.Off) == 0:
		return nil, fmt.Errorf("%s: say its console, and what switches it on and off", cfg.Name)
	case cfg.Witness == nil && !asks:
		return nil, fmt.Errorf("%s: nothing can say whether it is on; give a query with its two answers, or a witness (%w)", cfg.Name, errors.ErrUnsupported)
	}
	if cfg.Note == nil {
		cfg.Note = drivers.Silent
	}
	return &Relay{cfg: cfg}, nil
}

// Set implements drivers.Power.
func (r *Relay) Set(ctx context.Context, on bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	command := r.cfg.Board.Off
	if on != r.cfg.Inverted {
		command = r.cfg.Board.On
	}
	by, err := "", r.cfg.Console.Send(ctx, command)
	if err == nil {
		by, err = reach(ctx, r.cfg.Name, on, r.witness)
	}
	tell(r.cfg.Note, r.cfg.Name, on, by, err)
	return err
}

// Measured implements drivers.Power.
func (r *Relay) Measured(ctx context.Context) (bool, string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.witness(ctx)
}

func (r *Relay) witness(ctx context.Context) (bool, string, error) {
	if r.cfg.Witness != nil {
		return r.cfg.Witness(ctx)
	}
	return r.ask(ctx)
}

const answerTime = time.Second // for a board to say what is so, before it is asked again

// ask lets the board say what is so.
func (r *Relay) ask(ctx context.Context) (on bool, by string, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	cursor := r.cfg.Console.Cursor()
	if err := r.cfg.Console.Send(ctx, r.cfg.Board.Query); err != nil {
		return false, "", fmt.Errorf("%s: %w", r.cfg.Name, err)
	}
	m, err := cursor.Expect(ctx, r.cfg.Board.IsOn, r.cfg.Board.IsOff)
	if err != nil {
		return false, "", fmt.Errorf("%s: the board does not say what is so: %w", r.cfg.Name, err)
	}
	closed := m.Pattern == 0
	return closed != r.cfg.Inverted, fmt.Sprintf("board says %s (%q)", word(closed), m.Text), nil
}

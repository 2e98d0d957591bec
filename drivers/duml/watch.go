package duml

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Watch puts a remote controller into the mode in which it pushes sticks and
// keys (simulate flight mode), calls see for each push until ctx ends or see
// returns an error, and ends the mode. It returns nil where ctx ended. In that
// mode sticks may not reach the aircraft. A controller that falls silent, as
// after a gap of the console, is put into the mode again.
func (c *Client) Watch(ctx context.Context, radio Module, see func(Push, time.Time) error) (err error) {
	s := stream{cursor: c.console.Cursor()}
	if err := c.simulate(ctx, radio, 1); err != nil {
		return err
	}
	defer func() {
		restore, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Wait)
		defer cancel()
		if e := c.simulate(restore, radio, 0); e != nil {
			err = errors.Join(err, fmt.Errorf("duml: %s may still be in its simulate mode: %w", radio, e))
		}
	}()
	for {
		f, at, err := c.nextOf(ctx, &s)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, context.DeadlineExceeded): // silent, or away
			err = c.simulate(ctx, radio, 1)
		case err == nil && f.From == radio && f.Set == SetRadio && f.ID == idPush:
			err = report(f, at, see)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// nextOf returns the next frame, or context.DeadlineExceeded where none comes
// for a while.
func (c *Client) nextOf(ctx context.Context, s *stream) (Frame, time.Time, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Wait, errSilent)
	defer cancel()
	return s.next(ctx)
}

func report(f Frame, at time.Time, see func(Push, time.Time) error) error {
	p, err := ParsePush(f.Payload)
	if err != nil {
		return err
	}
	return see(p, at)
}

func (c *Client) simulate(ctx context.Context, radio Module, on byte) error {
	_, err := c.send(ctx, radio, SetRadio, idSimulate, []byte{on})
	return err
}

package transcript

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/spanrig/spanrig/drivers"
)

// MissError says that a transcript has no such call.
type MissError struct{ Call string }

func (e *MissError) Error() string {
	return fmt.Sprintf("the transcript has no %s; record it again", e.Call)
}

// Player is a bridge that answers as a transcript does. The same call gets the
// answers in their order, and the last of them from then on; calls that differ
// may come in any order. It takes no time.
type Player struct {
	Header Header
	mask   mask

	mu    sync.Mutex
	lines map[string][]line
}

var _ drivers.Bridge = (*Player)(nil)

// lineMax is the longest line: outputs and their base64.
const lineMax = 4 * keep

// NewPlayer reads a transcript. The error names the line that is wrong.
func NewPlayer(r io.Reader, secrets ...string) (*Player, error) {
	p := &Player{mask: newMask(secrets), lines: map[string][]line{}}
	s := bufio.NewScanner(r)
	s.Buffer(nil, lineMax)
	n := 0
	for ; s.Scan(); n++ {
		var err error
		if n == 0 {
			err = p.readHeader(s.Bytes())
		} else {
			err = p.read(s.Bytes())
		}
		if err != nil {
			return nil, fmt.Errorf("transcript, line %d: %w", n+1, err)
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("transcript, line %d: %w", n+1, err)
	}
	if n == 0 {
		return nil, errors.New("transcript: it is empty")
	}
	return p, nil
}

func (p *Player) readHeader(b []byte) error {
	if err := json.Unmarshal(b, &p.Header); err != nil {
		return err
	}
	if p.Header.Schema != Schema {
		return fmt.Errorf("schema %d is not the %d that is known", p.Header.Schema, Schema)
	}
	return nil
}

func (p *Player) read(b []byte) error {
	var l line
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return err
	}
	switch l.Do {
	case doRun, doStream, doPull, doPush, doReboot, doReady:
	default:
		return fmt.Errorf("do %q is not known", l.Do)
	}
	p.lines[l.key()] = append(p.lines[l.key()], l)
	return nil
}

// next finds the answer to a call, and its error.
func (p *Player) next(ctx context.Context, call line) (line, error) {
	if err := ctx.Err(); err != nil {
		return line{}, err
	}
	p.mask.hideAll(&call)
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.lines[call.key()]
	if len(all) == 0 {
		return line{}, &MissError{call.key()}
	}
	l := all[0]
	if len(all) > 1 {
		p.lines[call.key()] = all[1:]
	}
	if l.Cut {
		return line{}, fmt.Errorf("the transcript kept only the beginning of %s", call.key())
	}
	return l, l.err()
}

// played is a recorded error.
type played struct {
	text  string
	cause error
}

func (e *played) Error() string { return e.text }
func (e *played) Unwrap() error { return e.cause }

func (l *line) err() error {
	if l.Error == "" && l.Kind == "" {
		return nil
	}
	return &played{l.Error, map[string]error{"lost": drivers.ErrLost, "missing": fs.ErrNotExist, "cancelled": context.Canceled}[l.Kind]}
}

// Run implements [drivers.Bridge].
func (p *Player) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	l, err := p.next(ctx, line{Do: doRun, Argv: texts(argv)})
	if err != nil {
		return drivers.Output{}, err
	}
	return drivers.Output{Stdout: l.Stdout, Stderr: l.Stderr, Code: l.Code}, nil
}

// Stream implements [drivers.Bridge]: it ends as the recorded one did.
func (p *Player) Stream(ctx context.Context, argv ...string) (io.ReadCloser, error) {
	l, err := p.next(ctx, line{Do: doStream, Argv: texts(argv)})
	var recorded *played
	switch {
	case errors.As(err, &recorded) && len(l.Stdout) > 0:
	case err != nil:
		return nil, err
	case l.Code != 0:
		err = &drivers.ExitError{Code: l.Code, Stderr: l.Stderr}
	default:
		err = io.EOF
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(l.Stdout), ending{err})), nil
}

type ending struct{ err error }

func (e ending) Read([]byte) (int, error) { return 0, e.err }

// Pull implements [drivers.Bridge].
func (p *Player) Pull(ctx context.Context, path string, w io.Writer) error {
	l, err := p.next(ctx, line{Do: doPull, Path: text(path)})
	if err != nil {
		return err
	}
	_, err = w.Write(l.Stdout)
	return err
}

// Push implements [drivers.Bridge]: it reads the content and forgets it.
func (p *Player) Push(ctx context.Context, path string, _ fs.FileMode, r io.Reader) error {
	if _, err := p.next(ctx, line{Do: doPush, Path: text(path)}); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, r)
	return err
}

// Reboot implements [drivers.Bridge].
func (p *Player) Reboot(ctx context.Context) error {
	_, err := p.next(ctx, line{Do: doReboot})
	return err
}

// Ready implements [drivers.Bridge].
func (p *Player) Ready(ctx context.Context) error {
	_, err := p.next(ctx, line{Do: doReady})
	return err
}

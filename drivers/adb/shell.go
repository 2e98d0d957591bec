package adb

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/spanrig/spanrig/drivers"
)

// Packets of the shell protocol: an id, four bytes of length, little-endian,
// and the content.
const (
	idStdin      = 0
	idStdout     = 1
	idStderr     = 2
	idExit       = 3
	idCloseStdin = 4
)

const (
	outputMax = 64 << 20  // bytes that Run keeps of each output
	frameMax  = 16 << 20  // a longer packet is no packet; adbd sends at most 1 MiB
	stdinMax  = 16 << 10  // bytes of a packet to stdin, which every daemon takes
	stderrEnd = 4 << 10   // bytes of stderr that a failed Stream shows
	readAhead = 128 << 10 // of a link
)

// Run implements [drivers.Bridge]. The standard input is empty. Each output
// may have 64 MiB; use Stream or Pull for more.
func (d *Device) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	return d.RunInput(ctx, nil, argv...)
}

// RunInput is Run with a standard input; nil is an empty one. Reading it may go
// on until its next byte after the program has ended. An old device, which
// cannot be told where an input ends, takes none: errors.ErrUnsupported.
func (d *Device) RunInput(ctx context.Context, stdin io.Reader, argv ...string) (drivers.Output, error) {
	var stderr limited
	p, err := d.start(ctx, stdin, &stderr, argv)
	if err != nil {
		return drivers.Output{}, err
	}
	defer p.Close()
	var stdout limited
	if _, err := io.Copy(&stdout, p); err != nil {
		return drivers.Output{}, err
	}
	return drivers.Output{Stdout: stdout.b, Stderr: stderr.b, Code: p.exitCode()}, nil
}

// process is a program that runs on the device: its standard output, then
// io.EOF once it has an exit code.
type process interface {
	io.ReadCloser
	exitCode() int
}

// start runs a program in the best way that the device has.
func (d *Device) start(ctx context.Context, stdin io.Reader, stderr io.Writer, argv []string) (process, error) {
	command, err := Quote(argv...)
	if err != nil {
		return nil, err
	}
	v2, err := d.has(ctx, "shell_v2")
	if err != nil {
		return nil, err
	}
	if !v2 {
		if stdin != nil {
			return nil, fmt.Errorf("adb %s: standard input needs Android 7 or newer: %w", d.config.Serial, errors.ErrUnsupported)
		}
		return d.startMarked(ctx, command)
	}
	l, err := d.open(ctx, "shell,v2,raw:"+command)
	if err != nil {
		return nil, err
	}
	p := &framed{l: l, r: bufio.NewReaderSize(l, readAhead), stderr: stderr, stdin: make(chan error, 1)}
	if stdin == nil {
		stdin = noInput{}
	}
	go p.feed(stdin) // ends with the link, which the caller closes, at its next write
	return p, nil
}

type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, io.EOF }

// framed is a program behind the shell protocol.
type framed struct {
	l      *link
	r      *bufio.Reader
	left   uint32 // bytes of standard output before the next packet
	code   int
	ended  bool
	stderr io.Writer
	stdin  chan error // why the input could not be read
}

func (p *framed) exitCode() int { return p.code }

func (p *framed) Close() error { return p.l.Close() }

// Read gives standard output. The link's end before the exit code is loss.
func (p *framed) Read(b []byte) (int, error) {
	for p.left == 0 {
		if p.ended {
			return 0, io.EOF
		}
		if err := p.packet(); err != nil {
			return 0, p.blame(err)
		}
	}
	n, err := p.r.Read(b[:min(len(b), int(p.left))])
	p.left -= uint32(n)
	if err != nil {
		return n, p.blame(p.l.lostAt(err))
	}
	return n, nil
}

// packet reads the head of a packet, and its content where it is no output.
func (p *framed) packet() error {
	var h [5]byte
	if err := p.l.whole(p.r, h[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(h[1:])
	if n > frameMax {
		return p.l.lost(fmt.Errorf("a packet of %d bytes is none of the shell protocol", n))
	}
	switch h[0] {
	case idStdout:
		p.left = n
	case idStderr:
		if _, err := io.CopyN(p.stderr, p.r, int64(n)); err != nil {
			return p.l.lostAt(err)
		}
	case idExit:
		code := make([]byte, n)
		if err := p.l.whole(p.r, code); err != nil {
			return err
		}
		if n != 1 {
			return p.l.lost(fmt.Errorf("an exit code of %d bytes", n))
		}
		p.code, p.ended = int(code[0]), true
	default:
		return p.l.lost(fmt.Errorf("packet %d is none of the shell protocol", h[0]))
	}
	return nil
}

// blame prefers the input's error, which closed the link.
func (p *framed) blame(err error) error {
	select {
	case cause := <-p.stdin:
		return fmt.Errorf("adb %s: standard input: %w", p.l.what, cause)
	default:
		return err
	}
}

// feed sends the input and then its end. Where it cannot be read, the program
// cannot be right: the link is closed. Where it cannot be sent, the program
// has ended, and its exit code says how.
func (p *framed) feed(stdin io.Reader) {
	frame := make([]byte, 5+stdinMax)
	for {
		n, err := stdin.Read(frame[5:])
		if n > 0 {
			frame[0] = idStdin
			binary.LittleEndian.PutUint32(frame[1:], uint32(n))
			if _, err := p.l.Write(frame[:5+n]); err != nil {
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			_, _ = p.l.Write([]byte{idCloseStdin, 0, 0, 0, 0})
			return
		case err != nil:
			p.stdin <- err
			p.l.Close()
			return
		}
	}
}

// limited keeps what is written, up to a limit.
type limited struct{ b []byte }

var errTooMuch = fmt.Errorf("more than %d MiB of output: use Stream or Pull", outputMax>>20)

func (l *limited) Write(p []byte) (int, error) {
	if len(l.b)+len(p) > outputMax {
		return 0, errTooMuch
	}
	l.b = append(l.b, p...)
	return len(p), nil
}

package adbd

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"slices"
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

// shellService serves "shell[,v2][,raw|pty][,TERM=...]:command". A terminal is
// what adb asks for with an empty command and no "raw".
func (d *Daemon) shellService(options []string, command string) func(context.Context, *stream) {
	v2 := slices.Contains(options, "v2") && slices.Contains(d.config.Features, FeatureShell2)
	terminal := slices.Contains(options, "pty") || command == "" && !slices.Contains(options, "raw")
	return func(ctx context.Context, s *stream) {
		exec := d.config.Shell.Exec
		if terminal {
			exec = d.onTerminal
		}
		if v2 {
			framedShell(ctx, s, command, exec)
		} else {
			exec(ctx, command, s, s, s)
		}
	}
}

type execFunc func(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) int

// framedShell runs a command with the shell protocol around its streams.
func framedShell(ctx context.Context, s *stream, command string, exec execFunc) {
	stdin, feed := io.Pipe()
	s.background.Go(func() { feed.CloseWithError(feedStdin(s, feed)) })
	code := exec(ctx, command, stdin, &frameWriter{s, idStdout}, &frameWriter{s, idStderr})
	stdin.Close()
	_, _ = (&frameWriter{s, idExit}).Write([]byte{byte(code)})
}

// feedStdin unpacks what the host types until it closes its end or the stream.
func feedStdin(r io.Reader, stdin io.Writer) error {
	br := bufio.NewReader(r)
	for {
		var h [5]byte
		if _, err := io.ReadFull(br, h[:]); err != nil {
			return err
		}
		n := int64(binary.LittleEndian.Uint32(h[1:]))
		w := stdin
		switch h[0] {
		case idStdin:
		case idCloseStdin:
			return nil
		default: // the size of a window
			w = io.Discard
		}
		if _, err := io.CopyN(w, br, n); err != nil {
			return err
		}
	}
}

// frameWriter packs what a program writes.
type frameWriter struct {
	s  *stream
	id byte
}

func (w *frameWriter) Write(p []byte) (n int, err error) {
	for first := true; first || len(p) > 0; first = false {
		chunk := p[:min(len(p), w.s.t.max-5)]
		frame := append(make([]byte, 0, 5+len(chunk)), w.id)
		frame = binary.LittleEndian.AppendUint32(frame, uint32(len(chunk)))
		if _, err := w.s.Write(append(frame, chunk...)); err != nil {
			return n, err
		}
		n, p = n+len(chunk), p[len(chunk):]
	}
	return n, nil
}

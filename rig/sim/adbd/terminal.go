package adbd

import (
	"bytes"
	"context"
	"io"

	"golang.org/x/term"
)

// interrupt is what Ctrl-C types.
const interrupt = 3

// typeAhead is how many reads of keys may wait while a command runs.
const typeAhead = 64

// onTerminal runs a command, or a dialogue where it is empty, for a person:
// lines are edited on the device, for adb sends every key. Ctrl-C ends the
// session, whatever runs in it.
func (d *Daemon) onTerminal(ctx context.Context, command string, stdin io.Reader, stdout, _ io.Writer) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	keys := &keyboard{keys: make(chan []byte, typeAhead), ctx: ctx}
	go keys.press(stdin, cancel) // ends with stdin, which framedShell closes
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys, stdout}, d.prompt())
	if command != "" {
		return d.config.Shell.Exec(ctx, command, bytes.NewReader(nil), t, t)
	}
	return d.config.Shell.Exec(ctx, "", &lineReader{terminal: t}, t, t)
}

func (d *Daemon) prompt() string {
	name := d.config.Device
	if name == "" {
		name = "device"
	}
	return name + ":/ $ "
}

// keyboard keeps the keys that were typed until the terminal asks for them.
type keyboard struct {
	keys chan []byte
	ctx  context.Context
	rest []byte
}

// press reads the keys; Ctrl-C is heard at once, others wait, or are lost
// where too many do.
func (k *keyboard) press(stdin io.Reader, cancel func()) {
	defer cancel()
	for {
		b := make([]byte, 256)
		n, err := stdin.Read(b)
		if err != nil || bytes.IndexByte(b[:n], interrupt) >= 0 {
			return
		}
		select {
		case k.keys <- b[:n]:
		default:
		}
	}
}

func (k *keyboard) Read(p []byte) (int, error) {
	if len(k.rest) == 0 {
		select {
		case k.rest = <-k.keys:
		case <-k.ctx.Done():
			return 0, io.EOF
		}
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// lineReader gives the shell one edited line after the other; each shows the prompt.
type lineReader struct {
	terminal *term.Terminal
	rest     []byte
}

func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		line, err := l.terminal.ReadLine()
		if err != nil {
			return 0, err
		}
		l.rest = []byte(line + "\n")
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

package android

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// CommandError says that a program of the device failed.
type CommandError struct {
	Argv   []string
	Code   int
	Output string // what it said: the standard error, else the output
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("%s: exit code %d: %s", strings.Join(e.Argv, " "), e.Code, e.Output)
}

// run runs a program that has to succeed and gives its standard output.
func run(ctx context.Context, b drivers.Bridge, argv ...string) ([]byte, error) {
	out, err := b.Run(ctx, argv...)
	if err != nil {
		return nil, err
	}
	if out.Code != 0 {
		return nil, commandError(argv, out)
	}
	return out.Stdout, nil
}

func commandError(argv []string, out drivers.Output) *CommandError {
	said := bytes.TrimSpace(out.Stderr)
	if len(said) == 0 {
		said = bytes.TrimSpace(out.Stdout)
	}
	const enough = 300
	if len(said) > enough {
		said = said[:enough]
	}
	return &CommandError{argv, out.Code, strings.Join(strings.Fields(string(said)), " ")}
}

// lines gives the lines of a text without their ends.
func lines(text []byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(text)) {
			if !yield(strings.TrimRight(line, "\r\n")) {
				return
			}
		}
	}
}

package benchfile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// prompt asks a person one question after the other. A question that nobody
// waits for any more leaves its answer to the next.
type prompt struct {
	out   io.Writer
	lines chan string
}

func newPrompt(in io.Reader, out io.Writer) *prompt {
	p := &prompt{out: out, lines: make(chan string)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			p.lines <- strings.TrimSpace(s.Text())
		}
	}()
	return p
}

var errNobody = errors.New("nobody answers: the input has ended")

// ask prints a question and waits for a line.
func (p *prompt) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(p.out, "%s ", question)
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case line, ok := <-p.lines:
		if !ok {
			return "", errNobody
		}
		return line, nil
	}
}

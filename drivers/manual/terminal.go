package manual

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/spanrig/spanrig/drivers"
)

// terminal asks a person, one question at a time, whoever asks. Answers are
// read from the first question on by a goroutine of its own, for a read cannot
// be called off; it ends with the input.
type terminal struct {
	in    io.Reader
	out   io.Writer
	page  sync.Mutex    // of out: the rig says things beside questions
	turn  chan struct{} // holds who asks
	start sync.Once
	lines chan string
	fault error // why lines was closed; nil: the input ended
	gone  chan struct{}
	stop  sync.Once
	late  bool  // a question was given up: an answer to it may still come
	ended error // is in the error where answers ended
}

func newTerminal(in io.Reader, out io.Writer) *terminal {
	return &terminal{in: in, out: out, turn: make(chan struct{}, 1), lines: make(chan string), gone: make(chan struct{}), ended: drivers.ErrLost}
}

// ErrNobody is what errors.Is finds where a question of [Ask] has no answer
// because the input ended.
var ErrNobody = errors.New("nobody answers")

// Ask returns a function that asks the person at in and out one question at a
// time, until its context ends: a late answer to a question that was given up is
// no answer to the next. It is for equipment that is no person's; a person who
// does not answer is then no lost device. Where out is a [Page] it is told of
// each question.
func Ask(in io.Reader, out io.Writer) func(ctx context.Context, question string) (string, error) {
	t := newTerminal(in, out)
	t.ended = ErrNobody
	return func(ctx context.Context, question string) (string, error) {
		if err := take(ctx, t.turn); err != nil {
			return "", err
		}
		defer func() { <-t.turn }()
		return t.line(ctx, question)
	}
}

func (t *terminal) close() { t.stop.Do(func() { close(t.gone) }) }

func (t *terminal) read() {
	defer close(t.lines)
	s := bufio.NewScanner(t.in)
	for s.Scan() {
		select {
		case t.lines <- strings.TrimSpace(s.Text()):
		case <-t.gone:
			return
		}
	}
	t.fault = s.Err()
}

// take waits for a turn; the other end of it gives it on.
func take(ctx context.Context, turn chan struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the operator is busy with something else: %w", context.Cause(ctx))
	}
}

// Page is an output on which others draw as well. Ask shows a prompt, and until
// answered is called nothing is drawn over it.
type Page interface {
	io.Writer
	Ask(prompt string) (answered func())
}

// ask prints a prompt, and returns what to call when the question is over.
func (t *terminal) ask(prompt string) (over func()) {
	if page, ok := t.out.(Page); ok {
		return page.Ask(prompt)
	}
	t.print(prompt)
	return func() {}
}

// say prints a line.
func (t *terminal) say(format string, args ...any) { t.print(fmt.Sprintf(format+"\n", args...)) }

func (t *terminal) print(text string) {
	t.page.Lock()
	defer t.page.Unlock()
	fmt.Fprint(t.out, text)
}

// line prints a prompt and waits for an answer.
func (t *terminal) line(ctx context.Context, prompt string) (string, error) {
	t.start.Do(func() { go t.read() })
	t.forget()
	defer t.ask(prompt + " ")()
	select {
	case text, more := <-t.lines:
		switch {
		case more:
			return text, nil
		case t.fault != nil:
			return "", fmt.Errorf("operator: %w: %w", t.ended, t.fault)
		}
		return "", fmt.Errorf("operator: %w: the answers ended before the question %q", t.ended, oneLine(prompt))
	case <-t.gone:
		return "", fmt.Errorf("operator: %w: the controller was closed", drivers.ErrLost)
	case <-ctx.Done():
		t.late = true
		t.say("")
		return "", fmt.Errorf("no answer to the question %q: %w", oneLine(prompt), context.Cause(ctx))
	}
}

// forget drops what was answered to a question that had been given up.
func (t *terminal) forget() {
	for t.late {
		select {
		case _, more := <-t.lines:
			t.late = more
		default:
			t.late = false
		}
	}
}

// text asks for words; empty takes the default.
func (t *terminal) text(ctx context.Context, question, def string) (string, error) {
	if err := take(ctx, t.turn); err != nil {
		return "", err
	}
	defer func() { <-t.turn }()
	prompt := question + ":"
	if def != "" {
		prompt = fmt.Sprintf("%s [%s]:", question, def)
	}
	answer, err := t.line(ctx, prompt)
	if answer == "" {
		answer = def
	}
	return answer, err
}

// choose asks for one of the options and returns its index.
func (t *terminal) choose(ctx context.Context, question string, options ...string) (int, error) {
	if err := take(ctx, t.turn); err != nil {
		return 0, err
	}
	defer func() { <-t.turn }()
	t.say("%s", question)
	for i, o := range options {
		t.say("  %d) %s", i+1, o)
	}
	prompt := fmt.Sprintf("1 to %d:", len(options))
	for {
		answer, err := t.line(ctx, prompt)
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(options) {
			return n - 1, nil
		}
		t.say("%q is none of them; say a number from 1 to %d", answer, len(options))
	}
}

// done shows a list of things to do and waits until they are done. The answer is
// what keeps the person from it, empty where nothing does.
func (t *terminal) done(ctx context.Context, title string, list []string) (string, error) {
	if err := take(ctx, t.turn); err != nil {
		return "", err
	}
	defer func() { <-t.turn }()
	t.say("\n%s", title)
	for i, words := range list {
		t.say("  %d. %s", i+1, words)
	}
	return t.line(ctx, "Enter when done, or say what keeps you from it:")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

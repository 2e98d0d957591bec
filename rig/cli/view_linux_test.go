package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/drivers/manual"
	"github.com/spanrig/spanrig/drivers/serial/pseudo"
	"github.com/spanrig/spanrig/rig/record"
)

// cooked is a terminal as a person has it: lines are edited and echoed. What is
// printed on it arrives at the screen.
func cooked(t *testing.T) (tty *os.File, keys *pseudo.Port, s *screen) {
	t.Helper()
	keys, err := pseudo.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	if tty, err = os.OpenFile(keys.Path, os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	mode, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Iflag, mode.Oflag, mode.Lflag = unix.ICRNL, unix.OPOST|unix.ONLCR, unix.ICANON|unix.ECHO
	if err := unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	s = &screen{}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := keys.Read(b)
			if err != nil {
				return
			}
			s.print(string(b[:n]))
		}
	}()
	return tty, keys, s
}

// screen is what a person sees, of the sequences that the view uses.
type screen struct {
	mu       sync.Mutex
	rest     string
	lines    []string
	row, col int
}

var sequence = regexp.MustCompile(`^\x1b\[([0-9;]*)([AJm])`)

func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.rest += text; s.rest != ""; {
		for len(s.lines) <= s.row {
			s.lines = append(s.lines, "")
		}
		switch m := sequence.FindStringSubmatch(s.rest); {
		case m != nil:
			s.steer(m[1], m[2])
			s.rest = s.rest[len(m[0]):]
			continue
		case s.rest[0] == '\x1b':
			return // the rest of it is to come
		case s.rest[0] == '\n':
			s.row++
		case s.rest[0] == '\r':
			s.col = 0
		default:
			line := fmt.Sprintf("%-*s", s.col, s.lines[s.row])
			s.lines[s.row] = line[:s.col] + s.rest[:1] + line[min(s.col+1, len(line)):]
			s.col++
		}
		s.rest = s.rest[1:]
	}
}

func (s *screen) steer(number, what string) {
	switch n, _ := strconv.Atoi(number); what {
	case "A":
		s.row = max(s.row-n, 0)
	case "J":
		s.lines = append(s.lines[:s.row:s.row], s.lines[s.row][:min(s.col, len(s.lines[s.row]))])
	}
}

// String is what is on the screen, without empty lines at its end.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, l := range s.lines {
		lines = append(lines, strings.TrimRight(l, " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// shows waits until the screen is as want says.
func (s *screen) shows(t *testing.T, want string) {
	t.Helper()
	for range 300 {
		if s.String() == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the screen shows\n%s\n\nwant\n%s", s, want)
}

// TestViewAndQuestions: a question stands on the screen until it is answered,
// and everything that was said stays there, however often the view is drawn.
func TestViewAndQuestions(t *testing.T) {
	tty, keys, s := cooked(t)
	v := newView(tty, "rc-01")
	ask := manual.Ask(v.answers(tty), v)
	ctx, cancel := context.WithCancel(t.Context())
	var drawing sync.WaitGroup
	drawing.Go(func() {
		for ctx.Err() == nil {
			v.show(record.Status{})
			time.Sleep(5 * time.Millisecond)
		}
	})
	defer drawing.Wait()
	defer cancel()
	status := "\n" + s.until(t, "controls")

	answers := make(chan string, 1)
	put := func(ctx context.Context, question string) {
		answer, err := ask(ctx, question)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		answers <- answer
	}
	fmt.Fprint(v, "Which mode does the screen show?\n  1) standard\n")
	go put(ctx, "1 to 1:")
	question := "Which mode does the screen show?\n  1) standard\n1 to 1:"
	s.shows(t, question)
	v.show(record.Status{Event: "serial port gone"})
	time.Sleep(600 * time.Millisecond) // the view would be drawn twice
	s.shows(t, question)
	fmt.Fprint(keys, "1\n")
	if got := <-answers; got != "1" {
		t.Errorf("answer %q", got)
	}
	said := question + " 1\nserial port gone"
	s.shows(t, said+status)

	fmt.Fprint(keys, "2\n") // nobody asked
	time.Sleep(300 * time.Millisecond)
	s.shows(t, said+status)
	go put(ctx, "again:")
	if got := <-answers; got != "2" {
		t.Errorf("answer %q", got)
	}
	said += "\nagain:"
	s.shows(t, said+status)

	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	go put(short, "plug it in:")
	s.shows(t, said+"\nplug it in:")
	<-answers
	s.shows(t, said+"\nplug it in:"+status)
	cancel()
	drawing.Wait()
	v.done()
	s.shows(t, said+"\nplug it in:")
}

// until waits for a text on the screen, and returns all of it.
func (s *screen) until(t *testing.T, want string) string {
	t.Helper()
	for range 300 {
		if all := s.String(); strings.Contains(all, want) {
			return all
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the screen shows\n%s\n\nwant %s", s, want)
	return ""
}

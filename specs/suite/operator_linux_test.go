package suite

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/spanrig/spanrig/drivers/manual"
)

// askTwice is a process with two recordings after each other, in both of which
// somebody is asked.
func askTwice() {
	for _, question := range []string{"first? ", "second? "} {
		in, out, leave := operator()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		answer, err := manual.Ask(in, out)(ctx, question)
		cancel()
		fmt.Printf("heard %q %v\n", answer, err)
		leave()
	}
}

// TestOperator: who sits at the terminal answers although go test passes no
// input on, and a recording that is over takes no answer of the next.
func TestOperator(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TEST_SUITE_OPERATOR=yes")
	cmd.Stdin = null
	tty, err := pty.StartWithAttrs(cmd, nil, &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var shown strings.Builder
	answers := map[string]string{"first?": "one\n", "second?": "two\n"}
	s := bufio.NewScanner(tty)
	s.Split(bufio.ScanWords)
	for s.Scan() { // until the terminal hangs up
		fmt.Fprint(&shown, s.Text(), " ")
		if a := answers[s.Text()]; a != "" {
			fmt.Fprint(tty, a)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &shown)
	}
	for _, want := range []string{`heard "one" <nil>`, `heard "two" <nil>`} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("no %s in %s", want, &shown)
		}
	}
}

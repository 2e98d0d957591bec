package lock

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// TestMain is also the other process of these tests: with identities in the
// environment it takes them, says so, and holds them until its input ends.
func TestMain(m *testing.M) {
	ids := os.Getenv("TEST_LOCK_IDENTITIES")
	if ids == "" {
		os.Exit(m.Run())
	}
	l, err := Take("the other process", strings.Split(ids, ",")...)
	fmt.Println(err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if l != nil {
		_ = l.Release()
	}
}

// other starts a process that takes the identities, and returns what it said.
func other(t *testing.T, ids string) (cmd *exec.Cmd, end io.Closer, said string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = os.Environ()
	return otherOf(t, cmd, ids)
}

func otherOf(t *testing.T, cmd *exec.Cmd, ids string) (_ *exec.Cmd, end io.Closer, said string) {
	t.Helper()
	cmd.Env = append(cmd.Env, "TEST_LOCK_IDENTITIES="+ids)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, in, strings.TrimSpace(line)
}

func identity(t *testing.T, name string) string { return "test " + t.Name() + " " + name }

func TestTakeRefusesAndNamesTheHolder(t *testing.T) {
	id := identity(t, "a")
	child, _, said := other(t, id)
	if said != "<nil>" {
		t.Fatal(said)
	}
	l, err := Take("me too", id)
	busy, ok := errors.AsType[*drivers.BusyError](err)
	if !ok || l != nil {
		t.Fatalf("Take = %v, %v, want a BusyError", l, err)
	}
	h := busy.Holder
	if busy.Device != id || h.PID != child.Process.Pid || h.Reason != "the other process" || time.Since(h.Since) > time.Minute || !strings.Contains(h.Who, "@") {
		t.Errorf("refused by %+v", busy)
	}
}

func TestKilledHolderLetsGo(t *testing.T) {
	id := identity(t, "a")
	child, _, said := other(t, id)
	if said != "<nil>" {
		t.Fatal(said)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	l, err := Take("after SIGKILL", id)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}

func TestAllOrNone(t *testing.T) {
	a, b, c := identity(t, "a"), identity(t, "b"), identity(t, "c")
	held, err := Take("b only", b)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := Take("all three", c, b, a, a); err == nil || l != nil {
		t.Fatalf("Take = %v, %v while b is held", l, err)
	}
	rest, err := Take("what was left", a, c) // they were given back
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(rest.Release(), held.Release(), held.Release()); err != nil {
		t.Error(err)
	}
	if _, _, said := other(t, a+","+b+","+c); said != "<nil>" {
		t.Error(said)
	}
}

func TestReleaseLeavesNothing(t *testing.T) {
	id := identity(t, "a")
	l, err := Take("for a moment", id)
	if err != nil {
		t.Fatal(err)
	}
	path := l.held[0].file.Name()
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o666 {
		t.Errorf("lock file: %v, %v", st, err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", path, err)
	}
}

func TestWait(t *testing.T) {
	id := identity(t, "a")
	_, end, said := other(t, id)
	if said != "<nil>" {
		t.Fatal(said)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
	defer cancel()
	_, err := Wait(ctx, "in vain", id)
	if _, busy := errors.AsType[*drivers.BusyError](err); !busy || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait = %v, want busy and the deadline", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { end.Close() })
	l, err := Wait(t.Context(), "with success", id)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}

// TestExclusion lets many take the same lock, which is removed and made again
// all the time, and counts who is inside.
func TestExclusion(t *testing.T) {
	id := identity(t, "a")
	var inside, entered atomic.Int32
	var wg sync.WaitGroup
	until := time.Now().Add(300 * time.Millisecond)
	for range 8 {
		wg.Go(func() {
			for time.Now().Before(until) {
				l, err := Take("turn", id)
				if err != nil {
					continue
				}
				if inside.Add(1) != 1 {
					t.Error("two are inside")
				}
				entered.Add(1)
				inside.Add(-1)
				if err := l.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if entered.Load() < 2 {
		t.Errorf("only %d turns", entered.Load())
	}
}

func TestTakeNothing(t *testing.T) {
	for _, ids := range [][]string{nil, {""}, {"", "a"}} {
		if l, err := Take("nothing", ids...); err == nil || l != nil {
			t.Errorf("Take(%q) = %v, %v", ids, l, err)
		}
	}
}

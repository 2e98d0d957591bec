package lock

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// nobody is the user that Linux gives to nobody.
const nobody = 65534

// stranger is this program as another user, with a login of another kind.
func stranger(t *testing.T) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: it runs as two users")
	}
	dir, err := os.MkdirTemp("", "lock-test-") // the test's own folder is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(program, self, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Dir, cmd.Env = "/", []string{"XDG_RUNTIME_DIR=/run/user/65534", "TMPDIR=/var/tmp"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

// TestOtherUser: a lock holds between users in both directions, the refusal
// names the holder, and a holder that is killed lets go.
func TestOtherUser(t *testing.T) {
	id := identity(t, "a")
	held, err := Take("root's turn", id)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, said := otherOf(t, stranger(t), id); !strings.Contains(said, "is in use by root@") || !strings.Contains(said, "root's turn") {
		t.Errorf("another user was told %q", said)
	}
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	child, _, said := otherOf(t, stranger(t), id)
	if said != "<nil>" {
		t.Fatal(said)
	}
	_, err = Take("root again", id)
	busy, ok := errors.AsType[*drivers.BusyError](err)
	if !ok || busy.Holder.PID != child.Process.Pid || busy.Holder.Reason != "the other process" || !strings.HasPrefix(busy.Holder.Who, "nobody@") {
		t.Fatalf("root was told %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if held, err = Take("after SIGKILL", id); err != nil { // the file is the other user's still
		t.Fatal(err)
	}
	if err := held.Release(); err != nil {
		t.Error(err)
	}
}

// TestFileOfAnother: who may not remove a lock file, for it is another user's,
// empties it.
func TestFileOfAnother(t *testing.T) {
	id := identity(t, "a")
	cmd := stranger(t)
	held, err := Take("root's turn", id)
	if err != nil {
		t.Fatal(err)
	}
	path := held.held[0].file.Name()
	t.Cleanup(func() { os.Remove(path) })
	if err := errors.Join(held.held[0].file.Close(), held.held[0].folder.Close()); err != nil { // as where it is killed
		t.Fatal(err)
	}
	child, end, said := otherOf(t, cmd, id)
	if said != "<nil>" {
		t.Fatal(said)
	}
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), "nobody@") {
		t.Errorf("the file holds %q, %v", b, err)
	}
	end.Close()
	_ = child.Wait()
	for range 100 {
		if b, _ := os.ReadFile(path); len(b) == 0 {
			return
		}
		time.Sleep(moment)
	}
	t.Error("the file still names who let go")
}

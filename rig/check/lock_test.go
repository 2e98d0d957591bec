package check

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestLocks(t *testing.T) {
	var lines strings.Builder
	l := &list{show: func(one Line) { fmt.Fprintln(&lines, one) }}
	l.locks(nil)
	l.locks(errors.New("open /run/lock/spanrig: permission denied"))
	for _, want := range []string{"ok    lock       held against all users", "FIND  lock       another user of this host", "permission denied", "systemd-tmpfiles"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &lines)
		}
	}
	if l.found != 1 {
		t.Errorf("%d findings, want 1", l.found)
	}
}

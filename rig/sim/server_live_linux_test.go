//go:build live

package sim_test

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestLiveServerReplaced: where the bench's adb server dies, a driver starts
// another on its port, which ends with the bench; also one that answers no more,
// and where the bench's process was killed.
func TestLiveServerReplaced(t *testing.T) {
	t.Parallel()
	program := build(t)
	const name = "replaced"
	for what, then := range map[string]func(server []int){
		"closed": func([]int) {},
		"killed": func([]int) { signal(having("cmdline", "\x00serve\x00--name\x00"+name+"\x00"), syscall.SIGKILL) },
		"frozen": func(server []int) { signal(server, syscall.SIGSTOP) },
	} {
		t.Run(what, func(t *testing.T) {
			out, err := exec.Command(program, "sim", "up", "--name", name).Output()
			if err != nil {
				t.Fatal(err)
			}
			file := strings.TrimSpace(string(out))
			t.Cleanup(func() { _ = exec.Command(program, "sim", "down", "--name", name).Run() })
			b, err := benchfile.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			addr := b.Device.ADB.Server
			then(replaced(t, filepath.Dir(file), addr))
			if out, err := exec.Command(program, "sim", "down", "--name", name).CombinedOutput(); err != nil {
				t.Errorf("%v %s", err, out)
			}
			left(t, name, filepath.Dir(file))
			for range 50 { // a process that was killed takes a moment
				conn, err := net.DialTimeout("tcp", addr, time.Second)
				if err != nil {
					return
				}
				conn.Close()
				time.Sleep(20 * time.Millisecond)
			}
			t.Errorf("a server still listens at %s", addr)
		})
	}
}

// replaced kills the adb server of a bench and lets a driver start another.
func replaced(t *testing.T, dir, addr string) (processes []int) {
	t.Helper()
	own := having("environ", "HOME="+dir+"/adb\x00")
	if len(own) == 0 {
		t.Fatal("the bench has no adb server")
	}
	signal(own, syscall.SIGKILL)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		if _, err := (&adb.Server{Addr: addr}).Version(ctx); err == nil {
			break
		} else if ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	_, port, _ := net.SplitHostPort(addr)
	if processes = having("cmdline", "\x00tcp:"+port+"\x00fork-server\x00"); len(processes) == 0 {
		t.Fatal("no driver started a server")
	}
	return processes
}

func signal(processes []int, s syscall.Signal) {
	for _, pid := range processes {
		_ = syscall.Kill(pid, s)
	}
}

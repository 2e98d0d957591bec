package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestInterruptTwice: the first Ctrl-C asks a command to end, the second ends
// it, also where it does not listen: this one reads an input that never comes.
func TestInterruptTwice(t *testing.T) {
	if os.Getenv("SPANRIG_MAIN") != "" {
		os.Args = []string{"spanrig", "flows", "-"}
		main()
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestInterruptTwice$")
	cmd.Env = append(os.Environ(), "SPANRIG_MAIN=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for range 2 {
		time.Sleep(500 * time.Millisecond)
		_ = cmd.Process.Signal(os.Interrupt)
	}
	select {
	case <-ended:
		if s := cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGINT {
			t.Errorf("%v", cmd.ProcessState)
		}
	case <-time.After(5 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("it lives on after the second Ctrl-C")
	}
}

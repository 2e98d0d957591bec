package drivertest

import (
	"os/exec"
	"syscall"
)

// endWithUs lets the kernel kill the program with this process, for a test that
// panics or times out runs no clean-up.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

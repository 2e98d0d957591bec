//go:build unix

package adbd

import (
	"os"
	"syscall"
)

// owner is what "test -O" asks a file for; the shell compares it with the user
// of this process.
func owner() any { return &syscall.Stat_t{Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())} }

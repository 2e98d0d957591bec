package device

import (
	"fmt"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Outside is a Config.Listen for a device in a namespace whose adb has to be
// reached from another one: ns is that one's file, such as /proc/self/ns/net
// that the parent process opened and handed down.
func Outside(ns *os.File, addr string) func() (net.Listener, error) {
	return func() (l net.Listener, err error) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
			if err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				err = fmt.Errorf("enter the namespace of adb's port: %w", err)
				return
			}
			l, err = net.Listen("tcp", addr)
		}()
		<-done
		return l, err
	}
}

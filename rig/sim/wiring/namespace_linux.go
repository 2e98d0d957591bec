package wiring

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const namespaceDir = "/run/netns" // where iproute2 keeps named namespaces

var errEnded = errors.New("the function inside the namespace ended its goroutine")

// do runs f on a locked thread inside a named namespace. A thread that cannot
// return to where it came from is ended, not reused.
func do(namespace string, f func() error) error {
	ns, err := netns.GetFromName(namespace)
	if err != nil {
		return fmt.Errorf("enter namespace %s: %w; is the bench up?", namespace, err)
	}
	defer ns.Close()
	return onThread(func() error {
		if err := netns.Set(ns); err != nil {
			return fmt.Errorf("enter namespace %s: %w", namespace, err)
		}
		return f()
	})
}

// onThread runs f on a locked thread, whose network namespace f may change. A
// thread that cannot go back, or that f ended (as t.FailNow does), is not used again.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := errEnded // unless f returns
		defer func() { done <- err }()
		runtime.LockOSThread()
		home, failed := netns.Get()
		if failed != nil {
			runtime.UnlockOSThread()
			err = failed
			return
		}
		defer home.Close()
		err = f()
		if netns.Set(home) == nil {
			runtime.UnlockOSThread()
		}
	}()
	return <-done
}

// makeNamespace makes a named namespace with its loopback interface up.
func makeNamespace(name string) error {
	err := onThread(func() error {
		ns, err := netns.NewNamed(name)
		if err != nil {
			return err
		}
		return ns.Close()
	})
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("namespace %s: %w", name, errExists)
	}
	if err != nil {
		return fmt.Errorf("make namespace %s: %w", name, err)
	}
	return nil
}

// shareMounts lets the mounts of named namespaces propagate, as iproute2 does:
// else a process with mounts of its own would keep a namespace that is removed here.
func shareMounts() error {
	if err := os.MkdirAll(namespaceDir, 0o755); err != nil { //nolint:gosec // as iproute2 makes it
		return err
	}
	if unix.Mount("", namespaceDir, "none", unix.MS_SHARED|unix.MS_REC, "") == nil {
		return nil
	}
	if err := unix.Mount(namespaceDir, namespaceDir, "none", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("bind %s: %w", namespaceDir, err)
	}
	if err := unix.Mount("", namespaceDir, "none", unix.MS_SHARED|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("share %s: %w", namespaceDir, err)
	}
	return nil
}

// removeNamespace takes the name from a namespace; it is gone when the last
// process inside is. A file that was never mounted, left by a crash, goes too.
func removeNamespace(name string) error {
	path := filepath.Join(namespaceDir, name)
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// sysctl writes kernel settings below /proc/sys/net of the calling thread's namespace.
func sysctl(settings map[string]string) error {
	for name, value := range settings {
		path := filepath.Join("/proc/sys/net", name)
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			return fmt.Errorf("set %s: %w", path, err)
		}
	}
	return nil
}

package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openFolder opens the first folder that is ours alone, making it where it can.
func openFolder(candidates []string) (*os.File, error) {
	var errs []error
	for _, path := range candidates {
		f, err := openPrivate(path)
		if err == nil {
			return f, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("no folder for locks; make one of them writable for you: %w", errors.Join(errs...))
}

// openPrivate opens a folder that belongs to this user and that nobody else can
// enter. It follows no link, so that who may write above it cannot send us elsewhere.
func openPrivate(path string) (*os.File, error) {
	if err := unix.Mkdir(path, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, &os.PathError{Op: "mkdir", Path: path, Err: err}
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		f.Close()
		return nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&0o077 != 0 {
		f.Close()
		return nil, fmt.Errorf("%s is not closed to other users (owner %d, mode %#o)", path, st.Uid, st.Mode&0o777)
	}
	return f, nil
}

// hold locks the file of one device and writes there who holds it.
func hold(folder *os.File, c content) (*held, error) {
	name := fileName(c.Device)
	for {
		file, err := openLock(folder, name)
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", c.Device, err)
		}
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) {
			file.Close()
			return nil, refusal(file.Name(), c.Device)
		}
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", c.Device, err)
		}
		if !stillNamed(folder, name, file) { // its holder removed it as we opened it
			file.Close()
			continue
		}
		return keep(folder, file, name, c)
	}
}

// keep makes a locked file ours.
func keep(folder, file *os.File, name string, c content) (*held, error) {
	fd, err := unix.FcntlInt(folder.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", c.Device, err)
	}
	h := &held{os.NewFile(uintptr(fd), folder.Name()), file, name}
	b, err := json.Marshal(c)
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt(append(b, '\n'), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", c.Device, err), h.release())
	}
	return h, nil
}

// openLock opens or makes a lock file in the folder; a link is refused.
func openLock(folder *os.File, name string) (*os.File, error) {
	path := folder.Name() + "/" + name
	fd, err := unix.Openat(int(folder.Fd()), name, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// stillNamed reports whether the name leads to the file that is open.
func stillNamed(folder *os.File, name string, file *os.File) bool {
	var named, open unix.Stat_t
	return unix.Fstatat(int(folder.Fd()), name, &named, unix.AT_SYMLINK_NOFOLLOW) == nil &&
		unix.Fstat(int(file.Fd()), &open) == nil &&
		named.Ino == open.Ino && named.Dev == open.Dev
}

// release removes the file while it is still locked, then lets it go.
func (h *held) release() error {
	err := unix.Unlinkat(int(h.folder.Fd()), h.name, 0)
	if errors.Is(err, unix.ENOENT) { // somebody cleaned up
		err = nil
	}
	return errors.Join(err, h.file.Close(), h.folder.Close())
}

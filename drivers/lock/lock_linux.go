package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// errKind marks a folder that is not as it has to be, yet.
var errKind = errors.New("not a folder for locks")

// openShared opens the folder of all users, which it makes where it is missing.
// Who made it may be about to open it to others.
func openShared(path string) (*os.File, error) {
	for try := 0; ; try++ {
		f, err := openOnce(path)
		if err == nil || try == patience || !unready(err) {
			return f, err
		}
		time.Sleep(moment)
	}
}

// unready reports whether a folder may be in the making.
func unready(err error) bool {
	path, ok := errors.AsType[*os.PathError](err)
	return errors.Is(err, errKind) || ok && path.Op == "open" && errors.Is(err, unix.EACCES)
}

// patience is how many moments others get.
const patience = 10

func openOnce(path string) (*os.File, error) {
	const open = unix.S_ISVTX | 0o777
	f, st, err := openDirectory(path, open)
	if err != nil {
		return nil, err
	}
	if st.Mode&0o7777 != open && int(st.Uid) == os.Geteuid() { // the umask, or a version that shared it with nobody
		if err = unix.Fchmod(int(f.Fd()), open); err == nil {
			st.Mode = open
		}
	}
	if err == nil && st.Mode&0o7777 != open {
		err = fmt.Errorf("%s: %w: its mode is %#o, not 1777; remove it", path, errKind, st.Mode&0o7777)
	}
	if err == nil && st.Uid != 0 && os.Geteuid() == 0 { // an owner could remove what others hold
		err = unix.Fchown(int(f.Fd()), 0, 0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// openPrivate opens a folder that belongs to this user and that nobody else can
// enter.
func openPrivate(path string) (*os.File, error) {
	f, st, err := openDirectory(path, 0o700)
	if err != nil {
		return nil, err
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&0o077 != 0 {
		f.Close()
		return nil, fmt.Errorf("%s is not closed to other users (owner %d, mode %#o); remove it", path, st.Uid, st.Mode&0o7777)
	}
	return f, nil
}

// openDirectory makes a folder where it is missing and opens it. It follows no
// link, so that who may write above it cannot send us elsewhere.
func openDirectory(path string, mode uint32) (*os.File, *unix.Stat_t, error) {
	if err := unix.Mkdir(path, mode); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, nil, &os.PathError{Op: "mkdir", Path: path, Err: err}
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	st := new(unix.Stat_t)
	if err := unix.Fstat(fd, st); err != nil {
		f.Close()
		return nil, nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return f, st, nil
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
			defer file.Close()
			return nil, refusal(file, c.Device)
		}
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", c.Device, err)
		}
		switch named, err := whole(folder, name, file); {
		case err != nil:
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", c.Device, err)
		case named:
			return keep(folder, file, name, c)
		}
		file.Close() // its holder removed it as we opened it
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

// openLock opens or makes a lock file in the folder; a link is refused. A file
// that is there is never opened with O_CREAT, which fs.protected_regular refuses
// for files of others.
func openLock(folder *os.File, name string) (*os.File, error) {
	const flags = unix.O_RDWR | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK
	path := folder.Name() + "/" + name
	for try := 0; ; try++ {
		fd, err := unix.Openat(int(folder.Fd()), name, flags, 0)
		if errors.Is(err, unix.ENOENT) {
			if fd, err = unix.Openat(int(folder.Fd()), name, flags|unix.O_CREAT|unix.O_EXCL, 0o666); err == nil {
				_ = unix.Fchmod(fd, 0o666) // whatever the umask; it is ours
			}
		}
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), path), nil
		case try < patience && (errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EACCES)): // another process makes it
			time.Sleep(moment)
		case errors.Is(err, unix.EACCES), errors.Is(err, unix.ELOOP), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENXIO):
			return nil, fmt.Errorf("%s is no lock file that all can use; let root or its owner remove it: %w", path, err)
		default:
			return nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// whole reports whether the name leads to the file that is open. Where it does
// and that is no regular file, or one that has a second name elsewhere, writing
// to it could harm its owner: that is an error.
func whole(folder *os.File, name string, file *os.File) (named bool, err error) {
	var there, open unix.Stat_t
	if unix.Fstatat(int(folder.Fd()), name, &there, unix.AT_SYMLINK_NOFOLLOW) != nil ||
		unix.Fstat(int(file.Fd()), &open) != nil || there.Ino != open.Ino || there.Dev != open.Dev {
		return false, nil
	}
	if there.Mode&unix.S_IFMT != unix.S_IFREG || there.Nlink != 1 {
		return true, fmt.Errorf("%s is no regular file of one name; remove it", file.Name())
	}
	return true, nil
}

// release removes the file while it is still locked, or empties it where it is
// another user's, then lets it go.
func (h *held) release() error {
	err := unix.Unlinkat(int(h.folder.Fd()), h.name, 0)
	switch {
	case errors.Is(err, unix.ENOENT): // somebody cleaned up
		err = nil
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		err = h.file.Truncate(0)
	}
	return errors.Join(err, h.file.Close(), h.folder.Close())
}

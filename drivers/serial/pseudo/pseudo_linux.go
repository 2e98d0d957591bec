package pseudo

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Port is the device's side of a line.
type Port struct {
	*os.File        // read what the console sends, write what it shall get
	Path     string // of the console's side
	link     string
	tty      *os.File // keeps the line up while no console has it open
}

// Open makes a line and lets link lead to it, in the place of what was there;
// "" makes no link.
func Open(link string) (*Port, error) {
	p, err := open()
	if err != nil {
		return nil, fmt.Errorf("pseudo-terminal: %w", err)
	}
	if link == "" {
		return p, nil
	}
	fresh := fmt.Sprintf("%s.%d", link, os.Getpid())
	if err := errors.Join(os.Symlink(p.Path, fresh), os.Rename(fresh, link)); err != nil {
		return nil, errors.Join(fmt.Errorf("pseudo-terminal: %w", err), p.Close())
	}
	p.link = link
	return p, nil
}

// Close unplugs the device: the console sees the line hang up, and the link
// goes, unless another Port has taken it over.
func (p *Port) Close() error {
	var errs []error
	if to, err := os.Readlink(p.link); err == nil && to == p.Path {
		errs = append(errs, os.Remove(p.link))
	}
	return errors.Join(append(errs, p.File.Close(), p.tty.Close())...)
}

func open() (*Port, error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/ptmx", Err: err}
	}
	device := os.NewFile(uintptr(fd), "/dev/ptmx")
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		return nil, errors.Join(err, device.Close())
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	tty, err := openRaw(path)
	if err != nil {
		return nil, errors.Join(err, device.Close())
	}
	return &Port{File: device, Path: path, tty: tty}, nil
}

// openRaw opens the console's side and lets its bytes through as they are.
func openRaw(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	tty := os.NewFile(uintptr(fd), path)
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err == nil {
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(fd, unix.TCSETS, t)
	}
	if err != nil {
		return nil, errors.Join(err, tty.Close())
	}
	return tty, nil
}

package device

import (
	"errors"
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// port is a serial port that others find under a name: the device holds the
// other end of a pty.
type port struct {
	*os.File          // the device's end
	there    *os.File // the other one, held open so that it can be opened and closed at will
	link     string
}

func openPort(link string) (*port, error) {
	master, theirs, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pty for the serial port: %w", err)
	}
	ours, err := wakeable(master)
	if err != nil {
		return nil, errors.Join(err, theirs.Close())
	}
	p := &port{ours, theirs, link}
	if _, err := term.MakeRaw(int(theirs.Fd())); err != nil {
		p.remove()
		return nil, fmt.Errorf("make the serial port pass bytes as they are: %w", err)
	}
	if err = os.Symlink(theirs.Name(), link+".new"); err == nil {
		err = os.Rename(link+".new", link)
	}
	if err != nil {
		p.remove()
		return nil, fmt.Errorf("let the serial port appear: %w", err)
	}
	return p, nil
}

// wakeable returns the same file as one whose Close wakes readers: package pty
// leaves it in blocking mode.
func wakeable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open the pty anew: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(fmt.Errorf("open the pty anew: %w", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// remove lets it disappear: whoever has it open finds that it hung up.
func (p *port) remove() {
	_ = errors.Join(os.Remove(p.link), p.there.Close(), p.Close()) // gone is gone
}

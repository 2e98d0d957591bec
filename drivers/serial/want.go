package serial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// want is which port a console looks for, at first as configured, later as
// pinned to what it found.
type want struct {
	usb  drivers.USB
	path string // where usb is zero
	seen os.FileInfo
}

// pin holds on to the device that was found, so that its twin is not taken for
// it later: by serial number, or where it has none by where it is plugged in.
func (w *want) pin(p Port) {
	if !p.isUSB() {
		return
	}
	if w.path != "" {
		w.path, w.usb = "", drivers.USB{Vendor: p.USB.Vendor, Product: p.USB.Product, Interface: p.USB.Interface}
	}
	if p.USB.Serial != "" {
		w.usb.Serial = p.USB.Serial
	} else {
		w.usb.Path = p.USB.Path
	}
}

func (w *want) find(root string) (Port, error) {
	if w.path == "" {
		return Find(root, w.usb)
	}
	p, err := at(root, w.path)
	if err == nil && w.seen != nil && isTerminal(p.Path) {
		err = w.renewed()
	}
	return p, err
}

// claim names the port for its lock. A pseudo-terminal is named by the link
// that leads to it: its number is given away again once it has ended, while who
// had it may still wait for its return.
func (w *want) claim(p Port) string {
	if link, err := filepath.Abs(w.path); err == nil && w.path != "" && isTerminal(p.Path) {
		return "console link " + link
	}
	return "console " + p.Identity()
}

// opened remembers the file that led to the port.
func (w *want) opened() {
	if w.path != "" {
		w.seen, _ = os.Lstat(w.path) // it was there a moment ago
	}
}

// renewed refuses a pseudo-terminal unless somebody has put a new link in the
// place of the one that led to it: its number may be a stranger's terminal by now.
func (w *want) renewed() error {
	st, err := os.Lstat(w.path)
	switch {
	case err != nil:
		return err
	case st.Mode().Type() != fs.ModeSymlink:
		return errors.New("a pseudo-terminal does not come back under its own name; give a link to it")
	case os.SameFile(st, w.seen) && st.ModTime().Equal(w.seen.ModTime()):
		return fmt.Errorf("%s is still the link to the pseudo-terminal that ended", w.path)
	}
	return nil
}

func isTerminal(path string) bool {
	return strings.HasPrefix(filepath.Clean(path), "/dev/pts/")
}

package check

import (
	"context"
	"errors"
	"net"
	"os"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/benchfile"
	"github.com/spanrig/spanrig/rig/record"
)

// interfaces reports whether every interface of the SPAN port is there, with a link.
func (l *list) interfaces(names []string) bool {
	all := true
	for _, name := range names {
		i, err := net.InterfaceByName(name)
		switch {
		case err != nil:
			l.find("SPAN", "there is no interface "+name, "name one that spanrig bench discover lists")
		case i.Flags&net.FlagUp == 0:
			l.find("SPAN", name+" is down", "run: ip link set "+name+" up")
		case i.Flags&net.FlagRunning == 0:
			l.find("SPAN", name+" has no link", "plug it into the mirror port, and look whether the port is enabled")
		default:
			continue
		}
		all = false
	}
	return all
}

// devices opens the devices of a bench that cannot record, to say of each
// whether it is there.
func (l *list) devices(ctx context.Context, cfg record.Config) error {
	if err := os.Mkdir(cfg.Dir, 0o700); err != nil { // for the log of the serial line
		return err
	}
	c, release, err := cfg.Open(ctx, drivers.Silent)
	if err != nil {
		l.unopened(errors.Join(err, release()))
		return nil
	}
	l.ok("device", "every device can be opened; the rest is looked at once the SPAN port is there")
	return errors.Join(c.Close(ctx), release())
}

// unopened finds each part of the bench that could not be opened.
func (l *list) unopened(err error) {
	for _, one := range parts(err) {
		what, do := advice(one)
		l.find(what, oneLine(one), do)
	}
}

// parts are the errors in err that are about one part of the bench; err itself
// where none is.
func parts(err error) []error {
	var found []error
	var walk func(error)
	walk = func(e error) {
		if p, ok := e.(*benchfile.PartError); ok { //nolint:errorlint // each node of the tree is looked at
			found = append(found, p)
			return
		}
		switch e := e.(type) { //nolint:errorlint // the same
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				walk(one)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	if len(found) == 0 {
		return []error{err}
	}
	return found
}

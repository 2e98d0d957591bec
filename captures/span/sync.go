package span

import (
	"cmp"
	"errors"
	"os"
	"syscall"
	"time"
)

// syncer brings the files to the disk, at least each second, in its own
// goroutine, so that a slow disk does not stall the ring. It closes them too.
type syncer struct {
	files  chan *os.File // each new file; the one before is finished
	failed chan error    // the first error, at once
	done   chan error
	dir    string
}

func newSyncer(dir string) *syncer {
	s := &syncer{files: make(chan *os.File, 16), failed: make(chan error, 1), done: make(chan error, 1), dir: dir}
	go s.run()
	return s
}

// end syncs and closes the last file and returns the first error.
func (s *syncer) end() error {
	close(s.files)
	return <-s.done
}

func (s *syncer) run() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var file *os.File
	var first error
	report := func(err error) {
		if err != nil && first == nil {
			first = unpath(err)
			s.failed <- first
		}
	}
	for {
		select {
		case next, more := <-s.files:
			if file != nil {
				report(cmp.Or(file.Sync(), file.Close()))
			}
			if !more {
				s.done <- first
				return
			}
			file = next
			report(cmp.Or(file.Sync(), syncFolder(s.dir)))
		case <-tick.C:
			if file != nil {
				report(file.Sync())
			}
		}
	}
}

// syncFolder makes the name of a new file survive a power cut, where the file
// system can do that for folders.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return cmp.Or(err, d.Close())
}

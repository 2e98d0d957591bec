package span

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// machine moves frames from the rings to the files, in one goroutine.
type machine struct {
	config Config
	lanes  []*lane
	tape   *tape
	filter *deviceFilter // nil: everything is kept
	watch  *linkWatch
	bell   bell
	home   namespace
	asked  <-chan struct{}

	mu sync.Mutex // of the lanes' stats and rings, against Stats

	fds         []unix.PollFd
	latest      int64 // time of the latest frame written
	began       int64 // of the file at hand
	beganAt     time.Time
	second      time.Time // of the last tick
	checked     int64     // bytes in the files when the disk was looked at
	backlogBase uint64
	cause       Cause // empty: none yet
	err         error

	events  chan Event
	summary Summary
}

// run records until there is a cause to end.
func (m *machine) run() {
	wait := time.Second
	for m.cause == "" {
		m.sleep(wait)
		select {
		case <-m.asked:
			m.end(Asked, "the capture was stopped", nil)
			return
		default:
		}
		wait = m.pass(time.Now())
	}
}

// end notes the first cause of the end.
func (m *machine) end(c Cause, text string, err error) {
	if m.cause == "" {
		m.cause, m.summary.Text, m.err = c, text, err
	}
}

// fail ends the capture because of an error: a full disk is no failure.
func (m *machine) fail(err error) {
	switch {
	case err == nil:
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		m.end(DiskFull, "the disk is full", nil)
	default:
		m.end(Failed, "the capture failed: "+err.Error(), err)
	}
}

// sleep waits until a ring has a block, the kernel news, or somebody a wish.
func (m *machine) sleep(most time.Duration) {
	fds := append(m.fds[:0], unix.PollFd{Fd: int32(m.bell.fd), Events: unix.POLLIN}, unix.PollFd{Fd: int32(m.watch.fd), Events: unix.POLLIN})
	for _, l := range m.lanes {
		if l.ring != nil && len(l.queue) == 0 { // a ring that we hold blocks of is always readable
			fds = append(fds, unix.PollFd{Fd: int32(l.ring.fd), Events: unix.POLLIN})
		}
	}
	m.fds = fds
	if _, err := unix.Poll(fds, int((most+time.Millisecond-1)/time.Millisecond)); err != nil {
		return // EINTR: the pass finds nothing and waits again
	}
	for _, l := range m.lanes {
		for _, fd := range fds[2:] {
			if l.ring != nil && int(fd.Fd) == l.ring.fd && fd.Revents&unix.POLLERR != 0 {
				l.ring.clearError()
			}
		}
	}
	if fds[1].Revents != 0 {
		m.mu.Lock()
		m.news()
		m.mu.Unlock()
	}
}

// pass moves what there is and returns how long to wait for more.
func (m *machine) pass(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lanes {
		if err := l.collect(now); err != nil {
			m.fail(fmt.Errorf("%s: %w", l.port.Name, err))
			return 0
		}
	}
	wait := m.merge(now, false)
	if age := now.Sub(m.second); age >= time.Second {
		m.second = now
		m.tick(now)
	} else {
		wait = min(wait, time.Second-age)
	}
	m.fail(m.tape.flush())
	if m.tape.total-m.checked >= diskStep {
		m.watchDisk()
	}
	return wait
}

// merge writes the frames of all lanes in the order of their times, as far as
// no earlier one can be on its way; all: as far as there are any. It returns
// how long the first frame that waits has to.
func (m *machine) merge(now time.Time, all bool) (wait time.Duration) {
	for m.cause == "" {
		first, until, alone := m.first()
		if first == nil {
			break
		}
		if age := now.Sub(first.queue[0].since); !all && !alone && age < reorder && !first.crowded() {
			return min(reorder-age, look)
		}
		if err := m.drain(first, until); err != nil {
			m.fail(err)
		}
	}
	return time.Second
}

// first finds the lane with the earliest frame and the time of the earliest of
// the others. It is alone where no other lane may still bring an earlier one.
func (m *machine) first() (first *lane, until int64, alone bool) {
	until, alone = 1<<63-1, true
	for _, l := range m.lanes {
		switch {
		case !l.ready:
			alone = alone && l.ring == nil
		case first == nil:
			first = l
		case l.head.time < first.head.time:
			first, until = l, first.head.time
		default:
			until = min(until, l.head.time)
		}
	}
	if len(m.lanes) == 1 {
		alone = true
	}
	return first, until, alone
}

// drain writes the frames of the lane's first block up to the given time.
func (m *machine) drain(l *lane, until int64) error {
	number := l.queue[0].number
	for l.ready && l.head.time <= until && l.queue[0].number == number {
		if err := m.write(l); err != nil {
			return err
		}
		if err := l.advance(); err != nil {
			return fmt.Errorf("%s: %w", l.port.Name, err)
		}
	}
	return nil
}

// write puts the lane's frame into the file, or counts why not.
func (m *machine) write(l *lane) error {
	f := &l.head
	switch {
	case f.kind == kindOurs:
		l.stats.Own++
		return nil
	case m.filter != nil && !m.filter.keeps(f.data):
		l.stats.LeftOut++
		return nil
	}
	if m.config.Snaplen > 0 {
		f.limit(m.config.Snaplen)
	}
	if !m.tape.room(frameRoom(f), len(m.lanes)*statisticsRoom) {
		if err := m.turn(); err != nil {
			return err
		}
	}
	if err := m.tape.frame(l.number, f); err != nil {
		return err
	}
	if f.time < m.latest {
		m.summary.Late++
	} else {
		m.latest = f.time
	}
	l.stats.Recorded++
	l.stats.Last = f.time
	return nil
}

// turn ends a file and begins the next.
func (m *machine) turn() error {
	if err := cmp.Or(m.conclude(), m.tape.finish()); err != nil {
		return err
	}
	m.beginFile()
	return m.tape.begin()
}

func (m *machine) beginFile() {
	m.beganAt, m.began = time.Now(), m.config.Now().UnixNano()
	for _, l := range m.lanes {
		l.atFile = l.stats
	}
}

// conclude writes the statistics of every interface.
func (m *machine) conclude() error {
	now := m.config.Now().UnixNano()
	for _, l := range m.lanes {
		if err := cmp.Or(l.count(), m.tape.statistics(l.number, now, l.statistics(m.began))); err != nil {
			return err
		}
		l.told = l.stats
	}
	return nil
}

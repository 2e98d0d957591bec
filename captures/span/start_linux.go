package span

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/captures/pcapfile"
)

func start(ctx context.Context, c Config) (*Recorder, error) {
	runtime.LockOSThread() // all sockets are of one network namespace
	defer runtime.UnlockOSThread()
	m := &machine{config: c, home: callers(), filter: newDeviceFilter(c.OnlyDevice), events: make(chan Event, maxEvents)}
	p := newProgress(c.Dir)
	if err := m.arm(p); err != nil {
		m.abandon()
		return nil, err
	}
	r := &Recorder{progress: p, events: m.events, stats: m.snapshot, done: make(chan struct{})}
	for _, l := range m.lanes {
		p := l.port
		p.Offloads = slices.Clone(p.Offloads) // those of the lane change when they are put back
		r.ports = append(r.ports, p)
	}
	ask, asked := asker()
	m.asked = asked
	r.stop = func() {
		ask()
		m.bell.ring()
	}
	release := context.AfterFunc(ctx, r.stop)
	go func() {
		defer close(r.done)
		precede()
		m.run()
		release()
		r.summary, r.err = m.finish()
	}()
	return r, nil
}

// precede lets the calling goroutine have a thread of its own, until both end,
// that comes before others where the machine is busy. That takes CAP_SYS_NICE;
// without it frames wait longer in the ring, and are counted if it runs over.
func precede() {
	const nice = -19
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, nice) // of the thread
}

// arm prepares everything and binds the rings last: then no frame is missed.
func (m *machine) arm(p *progress) (err error) {
	if m.watch, err = watchLinks(); err != nil {
		return err
	}
	if err := m.bell.open(); err != nil {
		return err
	}
	if err := m.config.refuseFull(); err != nil {
		return err
	}
	all, err := m.watch.snapshot()
	if err != nil {
		return err
	}
	for i, name := range m.config.Interfaces {
		s, err := find(all, name)
		if err != nil {
			return err
		}
		l, err := newLane(&m.config, i, s)
		if l != nil {
			m.lanes = append(m.lanes, l)
		}
		if err != nil {
			return err
		}
	}
	m.backlogBase, _ = backlog() // absent in some containers: then it is not counted
	if m.tape, err = newTape(&m.config, m.head(), p); err != nil {
		return err
	}
	for _, l := range m.lanes {
		if err := l.bind(); err != nil {
			return err
		}
	}
	m.beginFile()
	m.second, m.summary.Began = time.Now(), m.began
	return nil
}

// abandon undoes what arm did.
func (m *machine) abandon() {
	m.restore()
	m.release()
	if m.tape != nil {
		m.tape.abandon()
	}
}

// head is what stands at the beginning of every file.
func (m *machine) head() []byte {
	comment := m.config.Comment
	if m.filter != nil {
		comment = strings.TrimPrefix(comment+"\n"+m.filter.String(), "\n")
	}
	b := pcapfile.AppendSection(nil, pcapfile.WriterOptions{
		Application: m.config.Application, Hardware: runtime.GOARCH, OS: system(), Comment: comment,
	})
	for _, l := range m.lanes {
		b = pcapfile.AppendInterface(b, pcapfile.Interface{Name: l.port.Name, Link: l.port.Link, Snaplen: m.config.Snaplen})
	}
	return b
}

// snapshot returns the counts of now.
func (m *machine) snapshot() []Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Stats
	for _, l := range m.lanes {
		_ = l.count() // after the end there is no ring, and the counts are final
		all = append(all, l.stats)
	}
	return all
}

// finish writes what the rings hold, closes the files and puts everything back.
func (m *machine) finish() (Summary, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inquire() // the kernel answers at once
	m.news()
	m.last()
	m.summary.Ended = m.config.Now().UnixNano()
	files, err := m.tape.end()
	if err != nil && m.cause != Failed { // however well it went until here
		m.cause = ""
		m.fail(err)
	}
	m.restore()
	for _, l := range m.lanes {
		l.stats.Recorded -= m.tape.unwritten[l.number]
		m.summary.Interfaces = append(m.summary.Interfaces, l.stats)
		m.summary.Ports = append(m.summary.Ports, l.port)
	}
	m.release()
	m.summary.Files, m.summary.Cause = files, m.cause
	close(m.events)
	return m.summary, m.err
}

// last lets nothing in any more and writes what is there.
func (m *machine) last() {
	cause, text, err := m.cause, m.summary.Text, m.err
	m.cause = "" // what fails from here on is worse than having been asked
	for _, l := range m.lanes {
		if l.ring != nil {
			_ = l.ring.accept(0) // else settle ends by its deadline
		}
	}
	if !m.tape.refused {
		m.settle(m.lanes...)
	}
	m.fail(m.conclude())
	m.fail(m.tape.flush())
	if m.cause == "" || cause == Failed {
		m.cause, m.summary.Text, m.err = cause, text, err
	}
}

// restore puts back what was switched on the interfaces.
func (m *machine) restore() {
	for _, l := range m.lanes {
		if l.ring == nil {
			continue
		}
		if err := reglue(l.ring.fd, l.port.Name, l.port.Offloads); err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
			m.say(RestoreFailed, l.port.Name, fmt.Sprintf("the offloads could not be put back: %v", err))
		}
	}
}

// release frees what the kernel holds for us.
func (m *machine) release() {
	for _, l := range m.lanes {
		if l.ring != nil {
			l.ring.close()
			l.ring = nil
		}
	}
	if m.watch != nil {
		m.watch.close()
	}
	m.bell.close()
	m.home.close()
}

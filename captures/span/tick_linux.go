package span

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// diskStep is after how many bytes the free space is looked at, beside each
// second: a fast wire fills much in one.
const diskStep = 64 << 20

// tick does what is due each second.
func (m *machine) tick(now time.Time) {
	t := m.config.Now().UnixNano()
	for _, l := range m.lanes {
		before := l.told
		m.fail(l.count())
		if l.stats != before {
			m.fail(m.tape.statistics(l.number, t, l.statistics(m.began)))
			l.told = l.stats
		}
		if lost := l.stats.Lost() - before.Lost(); lost > 0 {
			m.say(FramesLost, l.port.Name, fmt.Sprintf("%d frames lost", lost))
		}
	}
	m.inquire()
	if m.config.RotateEvery > 0 && now.Sub(m.beganAt) >= m.config.RotateEvery && m.tape.current.Frames > 0 {
		m.fail(m.turn())
	}
	m.countBacklog()
	m.watchDisk()
	select {
	case err := <-m.tape.syncer.failed:
		m.fail(err)
	default:
	}
}

// countBacklog notes what the host lost before any ring saw it.
func (m *machine) countBacklog() {
	n, err := backlog()
	if err != nil || n < m.backlogBase {
		return
	}
	if lost := n - m.backlogBase; lost > m.summary.Backlog {
		m.say(BacklogDrops, "", fmt.Sprintf("the host's input queues dropped %d frames: raise net.core.netdev_max_backlog", lost-m.summary.Backlog))
		m.summary.Backlog = lost
	}
}

// watchDisk ends the capture before the disk is full.
func (m *machine) watchDisk() {
	m.checked = m.tape.total
	if m.config.MinFree < 0 {
		return
	}
	n, err := free(m.config.Dir)
	if err != nil {
		m.fail(err)
	} else if n < m.config.MinFree {
		m.end(DiskFull, fmt.Sprintf("only %d MiB of the disk are free", n>>20), nil)
	}
}

// say hands an event to whoever listens, and waits for nobody.
func (m *machine) say(kind EventKind, iface, text string) {
	select {
	case m.events <- Event{m.config.Now().UnixNano(), kind, iface, text}:
	default:
		m.summary.EventsLost++
	}
}

// inquire asks for the state of every interface; news brings the answers.
func (m *machine) inquire() {
	for _, l := range m.lanes {
		_ = m.watch.ask(l.port.Name) // again in a second
	}
}

// news takes what the kernel says of the interfaces.
func (m *machine) news() {
	states, err := m.watch.read()
	if err == unix.ENOBUFS { // some were lost: ask again
		err = m.watch.askAll()
	}
	m.fail(err)
	for _, s := range states {
		for _, l := range m.lanes {
			if l.ring != nil && l.index == s.index || l.port.Name == s.name {
				m.learn(l, s)
			}
		}
	}
}

// learn follows an interface that goes and comes.
func (m *machine) learn(l *lane, s linkState) {
	another := s.index != l.index // of the same name
	if l.ring != nil && s.gone != another {
		m.settle(l)
		m.fail(l.leave())
		m.told(l, linkState{gone: true})
	}
	if s.gone {
		return
	}
	if l.ring == nil && m.rejoin(l, s) != nil {
		return // it may be gone again, or not ready yet: the next news, or the next second
	}
	l.learn(s)
	m.told(l, s)
}

// told says what changed about the link. The kernel keeps quiet about a link
// that is back before it got to say that it went; its count tells.
func (m *machine) told(l *lane, s linkState) {
	up, was := s.up(), l.stats.Up
	flapped := up && was && s.downs != l.downs
	l.downs, l.stats.Up = s.downs, up
	if was && !up || flapped {
		l.stats.LinkLosses, l.stats.LinkLost = l.stats.LinkLosses+1, l.lastUp
	}
	if up {
		l.lastUp = m.config.Now().UnixNano()
	}
	switch {
	case flapped:
		m.say(LinkDown, l.port.Name, "the link was lost for a moment")
		m.say(LinkUp, l.port.Name, linkText(s))
	case up != was || s.gone:
		m.say(linkEvent(up), l.port.Name, linkText(s))
	}
}

func linkEvent(up bool) EventKind {
	if up {
		return LinkUp
	}
	return LinkDown
}

func linkText(s linkState) string {
	switch {
	case s.gone:
		return "the interface is gone"
	case !s.isUp:
		return "the interface was taken down"
	case !s.carrier:
		return "no carrier: the cable is unplugged, or the other end is down"
	}
	return "the link is up"
}

// settle writes what is in the lanes' rings, into which nothing comes any more.
func (m *machine) settle(lanes ...*lane) {
	for deadline := time.Now().Add(10 * retire); ; time.Sleep(retire / 4) {
		now, filling := time.Now(), false
		for _, l := range lanes {
			if l.ring == nil {
				continue
			}
			filling = l.ring.filling() || filling // before collect: what is full by then is not missed
			if err := l.collect(now); err != nil {
				m.fail(fmt.Errorf("%s: %w", l.port.Name, err))
				return
			}
		}
		if !filling || now.After(deadline) {
			m.merge(now, true)
			return
		}
		m.merge(now, false)
	}
}

// rejoin records an interface that has come back under its name.
func (m *machine) rejoin(l *lane, s linkState) error {
	if links[s.hardware] != l.port.Link {
		return fmt.Errorf("%s came back with another link type", s.name)
	}
	l.index = s.index
	err := m.home.within(func() error { return l.open(&m.config) })
	if err == nil {
		err = l.bind()
	}
	if err != nil && l.ring != nil {
		l.ring.close()
		l.ring = nil
	}
	return err
}

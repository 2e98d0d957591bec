package generator

import "time"

// slack is how far a sender that was held up may catch up at once: more would
// be a burst above the rate, which a mirror port loses.
const slack = 2 * time.Millisecond

// pace says when frames are due.
type pace struct {
	cost []time.Duration // of a frame, in turn
	next time.Time       // when the next frame is due
	turn int
}

func newPace(cost []time.Duration, now time.Time) *pace { return &pace{cost: cost, next: now} }

// due is how many frames may be sent now, at most the given number.
func (p *pace) due(now time.Time, most int) int {
	if late := now.Sub(p.next); late > slack {
		p.next = now.Add(-slack)
	}
	n, at := 0, p.next
	for n < most && !at.After(now) {
		at = at.Add(p.cost[(p.turn+n)%len(p.cost)])
		n++
	}
	return n
}

// took says that n frames were sent.
func (p *pace) took(n int) {
	for range n {
		p.next = p.next.Add(p.cost[p.turn])
		p.turn = (p.turn + 1) % len(p.cost)
	}
}

// wait is how long until the next frame is due.
func (p *pace) wait(now time.Time) time.Duration { return p.next.Sub(now) }

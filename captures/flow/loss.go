package flow

import "slices"

// maxSpans bounds what is remembered of one direction beyond a hole. Further
// bytes count as never seen.
const maxSpans = 16

// span is a range of sequence numbers, [from, to).
type span struct{ from, to uint32 }

// spans are the ranges seen beyond the edge of a direction, ascending and apart.
type spans []span

// after returns how far sequence number a is behind b (RFC 9293 section 3.4).
func after(a, b uint32) int32 { return int32(a - b) }

// add remembers s.
func (l *spans) add(s span) {
	i := 0
	for i < len(*l) && after(s.from, (*l)[i].to) > 0 {
		i++
	}
	j := i
	for ; j < len(*l) && after(s.to, (*l)[j].from) >= 0; j++ {
		if after(s.from, (*l)[j].from) > 0 {
			s.from = (*l)[j].from
		}
		if after((*l)[j].to, s.to) > 0 {
			s.to = (*l)[j].to
		}
	}
	*l = slices.Replace(*l, i, j, s)
	*l = (*l)[:min(len(*l), maxSpans)]
}

// reach returns how far the bytes from edge on were seen, and forgets the
// ranges before it.
func (l *spans) reach(edge uint32) uint32 {
	n := 0
	for ; n < len(*l) && after(edge, (*l)[n].from) >= 0; n++ {
		if after((*l)[n].to, edge) > 0 {
			edge = (*l)[n].to
		}
	}
	*l = slices.Delete(*l, 0, n)
	return edge
}

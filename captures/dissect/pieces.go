package dissect

import "slices"

// pieces puts together bytes that come as ranges, in any order, overlapping
// or twice: fragments of DTLS messages, CRYPTO frames of QUIC. Where ranges
// overlap, the first to come stands.
type pieces struct {
	b     []byte
	spans []span // what is there, ascending and apart
}

type span struct{ from, to int }

// spanLimit bounds the ranges that are apart.
const spanLimit = 64

// add takes in b at offset from, as far as limit allows.
func (p *pieces) add(from int, b []byte, limit int) {
	to := min(from+len(b), limit)
	if from >= to {
		return
	}
	i := 0
	for i < len(p.spans) && p.spans[i].to < from {
		i++
	}
	j, merged := i, span{from, to}
	for j < len(p.spans) && p.spans[j].from <= to {
		merged.from, merged.to = min(merged.from, p.spans[j].from), max(merged.to, p.spans[j].to)
		j++
	}
	if i == j && len(p.spans) >= spanLimit {
		return
	}
	if to > len(p.b) {
		p.b = append(p.b, make([]byte, to-len(p.b))...)
	}
	at := from
	for _, s := range p.spans[i:j] {
		if at < s.from {
			copy(p.b[at:s.from], b[at-from:])
		}
		at = max(at, s.to)
	}
	if at < to {
		copy(p.b[at:to], b[at-from:])
	}
	p.spans = slices.Replace(p.spans, i, j, merged)
}

// head returns the bytes that are there from offset from on without a hole.
func (p *pieces) head(from int) []byte {
	for _, s := range p.spans {
		if s.from <= from && from < s.to {
			return p.b[from:s.to]
		}
	}
	return nil
}

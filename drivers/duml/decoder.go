package duml

import "bytes"

// Decoder finds frames in a stream. It holds less than one frame, whatever
// comes. The zero value is ready.
type Decoder struct {
	Skipped uint64 // bytes that belong to no frame
	Damaged uint64 // frames with a whole head whose CRC-16 was wrong
	pending []byte
}

// Feed takes what came and calls emit for each whole frame, in order.
func (d *Decoder) Feed(p []byte, emit func(Frame)) {
	for len(p) > 0 { // in pieces, so that pending stays short
		n := min(len(p), MaxFrame)
		d.pending = append(d.pending, p[:n]...)
		p = p[n:]
		d.scan(emit)
	}
}

// Resync gives up the frame that is still incomplete and looks for another
// behind its start. Call it when the line has been silent: noise can look like
// the head of a long frame.
func (d *Decoder) Resync(emit func(Frame)) {
	if len(d.pending) > 0 {
		d.skip(1)
		d.scan(emit)
	}
}

func (d *Decoder) scan(emit func(Frame)) {
	for {
		start := bytes.IndexByte(d.pending, sof)
		if start < 0 {
			start = len(d.pending)
		}
		d.skip(start)
		if len(d.pending) < 4 {
			return
		}
		size, err := frameSize(d.pending)
		if err != nil {
			d.skip(1)
			continue
		}
		if len(d.pending) < size {
			return
		}
		f, err := Decode(d.pending[:size])
		if err != nil {
			d.Damaged++
			d.skip(1) // a frame may begin within what was damaged
			continue
		}
		d.take(size)
		emit(f)
	}
}

func (d *Decoder) skip(n int) {
	d.Skipped += uint64(n)
	d.take(n)
}

func (d *Decoder) take(n int) { d.pending = append(d.pending[:0], d.pending[n:]...) }

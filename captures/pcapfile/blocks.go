package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spanrig/spanrig/captures"
)

// Blocks yields the blocks of a pcapng stream (plain, gzip or zstd) in order,
// and last an error unless the stream ends after a block: a *captures.Fault
// where it is damaged, ErrFormat where it is not pcapng. A block's Raw is valid
// until the next one. Only what delimits blocks is checked, not their contents.
func Blocks(r io.Reader) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		src, err := decompress(r)
		if err != nil {
			yield(Block{}, err)
			return
		}
		defer src.close()
		in := blockReader{src: src}
		for {
			b, err := in.next()
			if errors.Is(err, io.EOF) || !yield(b, err) || err != nil {
				return
			}
		}
	}
}

type blockReader struct {
	src    io.Reader
	order  byteOrder
	buf    []byte
	offset int64
}

func (r *blockReader) next() (Block, error) {
	if err := r.fill(0, blockOverhead); err != nil {
		return Block{}, err
	}
	if t := BlockType(littleEndian.u32(r.buf)); r.offset == 0 && t != SectionHeader {
		return Block{}, fmt.Errorf("%w that has blocks: starts with %x; expected pcapng", ErrFormat, r.buf[:4])
	}
	t, size, fault := blockHeader(r.buf, &r.order)
	if fault != "" {
		return Block{}, r.fault(fault)
	}
	if err := r.fill(blockOverhead, size); err != nil {
		return Block{}, err
	}
	if fault := blockTrailer(r.buf, t, r.order); fault != "" {
		return Block{}, r.fault(fault)
	}
	b := Block{Type: t, Offset: r.offset, Raw: r.buf, order: r.order}
	r.offset += int64(size)
	return b, nil
}

// fill extends the buffer from have to size bytes.
func (r *blockReader) fill(have, size int) error {
	if cap(r.buf) < size {
		r.buf = append(make([]byte, 0, size), r.buf[:have]...)
	}
	r.buf = r.buf[:size]
	n, err := io.ReadFull(r.src, r.buf[have:])
	var damage *streamDamage
	switch {
	case err == nil, errors.Is(err, io.EOF) && have == 0:
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.fault(fmt.Sprintf("block cut after %d of %d bytes", have+n, size))
	case errors.As(err, &damage):
		return r.fault(damage.Error())
	}
	return err
}

func (r *blockReader) fault(what string) error {
	return &captures.Fault{Offset: r.offset, What: what}
}

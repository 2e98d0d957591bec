package evidence

import (
	"context"
	"errors"
	"io"
)

// intake is a capture that is read once.
type intake struct {
	name string // in the bundle
	open func() (*source, error)
	copy io.WriteCloser // also takes every byte
	crc  bool           // is wanted too
	read bool           // to the end: the digest is known
	sum  digest
}

// reader begins the reading: what is read of it, and the rest when it is
// closed, is digested and copied.
func (in *intake) reader(ctx context.Context) (io.ReadCloser, error) {
	src, err := in.open()
	if err != nil {
		return nil, err
	}
	all, parts := newWhole(in.crc), newLeaves()
	t := newTee(&obedient{ctx, src}, src.Size(), all, parts, in.copy)
	return &closing{t, func() error {
		err := errors.Join(t.Close(), src.Close())
		in.sum, in.read = all.take(), err == nil
		in.sum.leaves = parts.take()
		return err
	}}, nil
}

// again reads the capture once more, for its traffic alone.
func (in *intake) again(ctx context.Context) (io.ReadCloser, error) {
	src, err := in.open()
	if err != nil {
		return nil, err
	}
	return &closing{&obedient{ctx, src}, src.Close}, nil
}

// complete ends the copy. A capture that nobody came to read, for one before it
// is none, is read now.
func (in *intake) complete() error {
	if !in.read {
		r, err := in.reader(context.Background())
		if err == nil {
			err = r.Close()
		}
		if err != nil {
			return ended(in.copy, err)
		}
	}
	return in.copy.Close()
}

// closing is a reader with a way to close it.
type closing struct {
	io.Reader
	close func() error
}

func (c *closing) Close() error { return c.close() }

// obedient is a reader that ends with its context.
type obedient struct {
	ctx context.Context
	in  io.Reader
}

func (o *obedient) Read(b []byte) (int, error) {
	if o.ctx.Err() != nil {
		return 0, context.Cause(o.ctx)
	}
	return o.in.Read(b)
}

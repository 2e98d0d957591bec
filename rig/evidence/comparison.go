package evidence

import (
	"bytes"
	"errors"
	"io"
)

// comparison is a sink that writes nothing: it holds what it is given against
// what the bundle has.
type comparison struct{ v *verifying }

func (c *comparison) commit() error { return nil }
func (c *comparison) abandon()      {}

func (c *comparison) lines() (lineSink, error) { return newLineComparison(c.v) }

// reserve leaves the recording aside: it is what all is made of, and digested
// on the way.
func (c *comparison) reserve(name string, _ int64) (io.WriteCloser, error) {
	if rank(name) == 0 {
		return ignored{}, nil
	}
	in, err := c.v.b.store.open(name)
	if err != nil {
		return nil, differs(name, "it is missing, and follows from the recording")
	}
	return &compared{v: c.v, name: name, in: in, sum: newWhole(c.v.b.zipped()), line: 1}, nil
}

type ignored struct{}

func (ignored) Write(b []byte) (int, error) { return len(b), nil }
func (ignored) Close() error                { return nil }

// compared is one file.
type compared struct {
	v    *verifying
	name string
	in   *source
	sum  *whole
	line int // that is being compared
	buf  []byte
}

// Write compares the next bytes.
func (c *compared) Write(b []byte) (int, error) {
	if cap(c.buf) < len(b) {
		c.buf = make([]byte, len(b))
	}
	have := c.buf[:len(b)]
	n, err := io.ReadFull(c.in, have)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, wrapped(c.name, err)
	}
	if at := differAt(have[:n], b); at >= 0 {
		return 0, c.v.differ(c.name, c.line+bytes.Count(b[:at], []byte("\n")))
	}
	c.line += bytes.Count(b, []byte("\n"))
	_, _ = c.sum.Write(b)
	return len(b), nil
}

// differ tells a file that was changed from one that this program makes
// otherwise.
func (v *verifying) differ(name string, line int) error {
	if err := v.b.checkFile(name); err != nil {
		return err
	}
	return differs(name, "line %d is not what follows from the recording, as %s computes it; it was sealed by %s", line, v.o.Tool, v.b.manifest.Tool)
}

// Close checks that nothing follows, and the digest.
func (c *compared) Close() error {
	defer c.in.Close()
	d := c.sum.take()
	if d.bytes != c.in.Size() {
		return c.v.differ(c.name, c.line)
	}
	return c.v.b.compare(&File{Name: c.name, Bytes: d.bytes, SHA256: d.sha256}, d.crc)
}

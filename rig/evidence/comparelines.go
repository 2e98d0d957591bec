package evidence

import (
	"bufio"
	"bytes"
	"io"
)

// lineComparison is a lineSink that holds the lines against those of the
// bundle. What differs is only said in the end: by then the captures may have
// turned out to be what was changed.
type lineComparison struct {
	v     *verifying
	in    *source
	rest  *bufio.Reader
	sum   *whole
	n     int // lines so far
	room  []linePlace
	wrong int // the first line that differs; 0: none
	have  []byte
}

// linePlace is where a line is in the file.
type linePlace struct {
	at   int64
	n    int // its number
	size int // with the newline
}

func newLineComparison(v *verifying) (*lineComparison, error) {
	in, err := v.b.store.open(FlowsName)
	if err != nil {
		return nil, err
	}
	c := &lineComparison{v: v, in: in}
	return c, c.restart()
}

func (c *lineComparison) restart() error {
	_, err := c.in.Seek(0, io.SeekStart)
	c.sum, c.n, c.room, c.wrong = newWhole(c.v.b.zipped()), 0, nil, 0
	c.rest = bufio.NewReaderSize(c.in, 1<<18)
	return err
}

// differ notes the first line that differs.
func (c *lineComparison) differ(n int) {
	if c.wrong == 0 || n < c.wrong {
		c.wrong = n
	}
}

func (c *lineComparison) line(b []byte) error {
	if c.n++; c.wrong > 0 {
		return nil
	}
	have := c.sized(len(b))
	n, _ := io.ReadFull(c.rest, have) // fewer bytes are a difference
	_, _ = c.sum.Write(have[:n])
	if !bytes.Equal(have[:n], b) {
		c.differ(c.n)
	}
	return nil
}

func (c *lineComparison) sized(n int) []byte {
	if cap(c.have) < n {
		c.have = make([]byte, n)
	}
	return c.have[:n]
}

func (c *lineComparison) later() error {
	if c.n++; c.wrong > 0 {
		return nil
	}
	at := c.sum.d.bytes
	line, err := readLine(c.rest, &c.have)
	if err != nil {
		c.differ(c.n)
		return nil
	}
	_, _ = c.sum.Write(line)
	c.room = append(c.room, linePlace{at, c.n, len(line)})
	return nil
}

func (c *lineComparison) finish(next func() []byte) (digest, error) {
	for _, p := range c.room {
		want := next()
		have := c.sized(p.size)
		if _, err := c.in.ReadAt(have, p.at); err != nil || !bytes.Equal(have, want) {
			c.differ(p.n)
			break
		}
	}
	d := c.sum.take()
	if c.wrong == 0 && d.bytes != c.in.Size() {
		c.differ(c.n + 1)
	}
	if c.wrong > 0 {
		return d, c.v.differ(FlowsName, c.wrong)
	}
	return d, c.v.b.compare(&File{Name: FlowsName, Bytes: d.bytes, SHA256: d.sha256}, d.crc)
}

func (c *lineComparison) close() { _ = c.in.Close() }

package pcapfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// TestCloseWhileReading closes sources that another goroutine reads: a file, in
// all its moments, and a pipe on which the read waits.
func TestCloseWhileReading(t *testing.T) {
	trace := filepath.Join("..", "..", "fixtures", "traces", "clean-ldm", "capture.pcapng")
	for i := range 50 {
		for name, open := range map[string]func() (captures.Source, error){
			"file":   func() (captures.Source, error) { return Open(trace) },
			"series": func() (captures.Source, error) { return OpenAll([]string{trace, trace, trace}) },
		} {
			src, err := open()
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error)
			go func() {
				var b captures.Batch
				var err error
				for err == nil {
					err = src.Next(&b)
				}
				ended <- err
			}()
			time.Sleep(time.Duration(i) * 20 * time.Microsecond)
			if err := src.(io.Closer).Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			<-ended
			var b captures.Batch
			if err := src.Next(&b); err == nil {
				t.Errorf("%s: a frame after the end", name)
			}
		}
	}
}

// TestCloseWakes: a read that waits for a pipe ends with Close.
func TestCloseWakes(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	header := AppendSection(nil, WriterOptions{})
	header = AppendInterface(header, Interface{Name: "span0", Link: captures.LinkEthernet})
	if _, err := w.Write(header); err != nil {
		t.Fatal(err)
	}
	s, err := OpenEach([]Opener{{"pipe", func() (io.ReadCloser, error) { return r, nil }}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Next(new(captures.Batch)) }()
	time.Sleep(10 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("the read ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the read goes on")
	}
}

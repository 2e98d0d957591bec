package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/spanrig/spanrig/captures"
)

// smallFiles are captures of three frames and where a cut leaves a whole file.
func smallFiles() map[string]struct {
	file  []byte
	clean []int
} {
	o := binary.BigEndian
	files := map[string][][]byte{
		"pcap": {
			pcapHeader(o, 0xa1b2c3d4, 2, 4, 0, 1),
			pcapRecord(o, 1, 2, 3, 3, []byte("abc")), pcapRecord(o, 1, 2, 0, 3, nil), pcapRecord(o, 1, 2, 1, 3, []byte("d")),
		},
		"pcapng": {
			sectionBlock(o), interfaceBlock(o, 1, 0, option(o, ifName, []byte("a"))),
			enhancedBlock(o, 0, 1, 3, []byte("abc")), simpleBlock(o, 0, nil), block(o, Custom, make([]byte, 4)),
			sectionBlock(o), interfaceBlock(o, 1, 0), obsoleteBlock(o, 0, 1, []byte("d")), statisticsBlock(o, 0),
		},
	}
	small := map[string]struct {
		file  []byte
		clean []int
	}{}
	for name, records := range files {
		s := small[name]
		for _, record := range records {
			s.file = append(s.file, record...)
			s.clean = append(s.clean, len(s.file))
		}
		small[name] = s
	}
	return small
}

// TestTruncation cuts small files at every byte: only a cut between two
// records is a clean end, every other one is a fault at the last of them.
func TestTruncation(t *testing.T) {
	for name, small := range smallFiles() {
		whole, _ := readWhole(t, small.file)
		for cut := 1; cut <= len(small.file); cut++ {
			r, err := NewReader(bytes.NewReader(small.file[:cut]), Options{Name: "test"})
			if cut < small.clean[0] {
				if err == nil || r != nil {
					t.Fatalf("%s cut in its header after %d bytes: opened", name, cut)
				}
				wantFault(t, err, 0, "header cut")
				continue
			}
			if err != nil {
				t.Fatalf("%s cut after %d bytes: %v", name, cut, err)
			}
			frames, err := drain(r)
			at, clean := slices.BinarySearch(small.clean, cut)
			if clean && err != io.EOF {
				t.Errorf("%s cut after %d bytes, between records: %v", name, cut, err)
			} else if !clean {
				wantFault(t, err, int64(small.clean[at-1]), "cut after")
			}
			if again := r.Next(new(captures.Batch)); again != err {
				t.Errorf("%s: %v after %v", name, again, err)
			}
			for i, f := range frames {
				sameFrame(t, f, whole[i])
			}
		}
	}
}

// TestSmallReads wants the same frames however the bytes come.
func TestSmallReads(t *testing.T) {
	for name, small := range smallFiles() {
		want, wantStats := readWhole(t, small.file)
		for how, reader := range map[string]func(io.Reader) io.Reader{
			"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "error with the end": iotest.DataErrReader,
		} {
			r, err := NewReader(reader(bytes.NewReader(small.file)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(r)
			if err != io.EOF || len(got) != len(want) || r.Stats().Bytes != wantStats.Bytes {
				t.Fatalf("%s, %s: %d frames, %v", name, how, len(got), err)
			}
			for i := range want {
				sameFrame(t, got[i], want[i])
			}
		}
	}
}

// TestBatches reads a file of many batches, with records that straddle them and
// some larger than a batch, and keeps four batches in use.
func TestBatches(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(Interface{Link: captures.LinkEthernet}); err != nil {
		t.Fatal(err)
	}
	const count = 3000
	content := func(i int) []byte {
		size := i * 7919 % 1500
		if i%1000 == 500 {
			size = 3*batchSize + i
		}
		return bytes.Repeat([]byte{byte(i)}, size)
	}
	for i := range count {
		data := content(i)
		if err := w.WriteFrame(&captures.Frame{Time: int64(i), Length: uint32(len(data)), Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&file, Options{File: 3})
	if err != nil {
		t.Fatal(err)
	}
	var inFlight [4]captures.Batch
	next := 0
	check := func(b *captures.Batch) {
		for _, f := range b.Frames {
			if f.ID != captures.NewFrameID(3, uint64(next+1)) || !bytes.Equal(f.Data, content(next)) {
				t.Fatalf("frame %d of file %d: %d bytes, want frame %d", f.ID.Number(), f.ID.File(), len(f.Data), next+1)
			}
			next++
		}
	}
	n := 0
	for ; ; n++ {
		if n >= len(inFlight) {
			check(&inFlight[n%len(inFlight)])
		}
		if err := r.Next(&inFlight[n%len(inFlight)]); err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			break
		}
	}
	for i := n - len(inFlight) + 1; i < n; i++ {
		check(&inFlight[i%len(inFlight)])
	}
	if next != count {
		t.Errorf("%d frames, want %d", next, count)
	}
}

// TestReadError wants the reader's own error, after the frames before it.
func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	for name, small := range smallFiles() {
		cut := small.clean[len(small.clean)-2] + 1
		in := io.MultiReader(bytes.NewReader(small.file[:cut]), iotest.ErrReader(broken))
		r, err := NewReader(in, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if frames, err := drain(r); err != broken || len(frames) == 0 {
			t.Errorf("%s: %d frames, %v", name, len(frames), err)
		}
		if _, err := NewReader(iotest.ErrReader(broken), Options{}); err != broken {
			t.Errorf("%s: header: %v", name, err)
		}
	}
}

// TestNoProgress wants an end to a reader that gives nothing.
func TestNoProgress(t *testing.T) {
	small := smallFiles()["pcap"]
	r, err := NewReader(io.MultiReader(bytes.NewReader(small.file), idle{}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(r); err != io.ErrNoProgress {
		t.Error(err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestSteadyState wants no allocation once a batch has its room.
func TestSteadyState(t *testing.T) {
	o := binary.LittleEndian
	frame := bytes.Repeat([]byte{1}, 302)
	for name, r := range map[string]*endless{
		"pcap":   {pcapHeader(o, 0xa1b2c3d4, 2, 4, 0, 1), pcapRecord(o, 1, 2, 302, 302, frame)},
		"pcapng": {append(sectionBlock(o), interfaceBlock(o, 1, 0)...), enhancedBlock(o, 0, 1, 302, frame)},
	} {
		source, err := NewReader(r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b captures.Batch
		next := func() {
			if err := source.Next(&b); err != nil {
				t.Fatal(err)
			}
		}
		for range 4 {
			next()
		}
		if allocs := testing.AllocsPerRun(20, next); allocs > 0 {
			t.Errorf("%s: %v allocations a batch of %d frames", name, allocs, len(b.Frames))
		}
	}
}

// endless repeats a record after a header.
type endless struct{ rest, record []byte }

func (e *endless) Read(b []byte) (n int, _ error) {
	for n < len(b) {
		if len(e.rest) == 0 {
			e.rest = e.record
		}
		m := copy(b[n:], e.rest)
		n, e.rest = n+m, e.rest[m:]
	}
	return n, nil
}

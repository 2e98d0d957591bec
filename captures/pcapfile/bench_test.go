package pcapfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"github.com/spanrig/spanrig/captures"
)

const (
	benchFrames   = 200_000
	benchFrameLen = 302 // bytes, the mean of the corpus
)

// benchFile stores a capture of one header and many like records.
func benchFile(b *testing.B, header, record []byte) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "capture")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	_, _ = w.Write(header)
	for range benchFrames {
		_, _ = w.Write(record)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return path
}

func benchPcap(b *testing.B) string {
	o := binary.LittleEndian
	data := bytes.Repeat([]byte{1}, benchFrameLen)
	return benchFile(b, pcapHeader(o, 0xa1b2c3d4, 2, 4, 65535, 1), pcapRecord(o, 1, 2, benchFrameLen, benchFrameLen, data))
}

func benchPcapng(b *testing.B) string {
	o := binary.LittleEndian
	data := bytes.Repeat([]byte{1}, benchFrameLen)
	return benchFile(b, append(sectionBlock(o), interfaceBlock(o, 1, 0)...), enhancedBlock(o, 0, 1e15, benchFrameLen, data))
}

// benchmarkOpen reads a file with this package, four batches in use.
func benchmarkOpen(b *testing.B, path string) {
	var inFlight [4]captures.Batch
	b.SetBytes(benchFrames * benchFrameLen)
	for b.Loop() {
		f, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; err == nil; i++ {
			err = f.Next(&inFlight[i%len(inFlight)])
		}
		if err != io.EOF || f.Stats().Frames != benchFrames {
			b.Fatal(err)
		}
		_ = f.Close()
	}
	reportFrames(b)
}

// benchmarkPcapgo reads a file with pcapgo, without copies where it can.
func benchmarkPcapgo(b *testing.B, path string, open func(io.Reader) (gopacket.ZeroCopyPacketDataSource, error)) {
	b.SetBytes(benchFrames * benchFrameLen)
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		r, err := open(bufio.NewReaderSize(f, 1<<20))
		for err == nil {
			_, _, err = r.ZeroCopyReadPacketData()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		_ = f.Close()
	}
	reportFrames(b)
}

func reportFrames(b *testing.B) {
	b.ReportMetric(float64(b.N)*benchFrames/b.Elapsed().Seconds()/1e6, "Mframes/s")
}

func BenchmarkPcap(b *testing.B)   { benchmarkOpen(b, benchPcap(b)) }
func BenchmarkPcapng(b *testing.B) { benchmarkOpen(b, benchPcapng(b)) }

func BenchmarkPcapgoPcap(b *testing.B) {
	benchmarkPcapgo(b, benchPcap(b), func(r io.Reader) (gopacket.ZeroCopyPacketDataSource, error) {
		return pcapgo.NewReader(r)
	})
}

func BenchmarkPcapgoPcapng(b *testing.B) {
	benchmarkPcapgo(b, benchPcapng(b), func(r io.Reader) (gopacket.ZeroCopyPacketDataSource, error) {
		return pcapgo.NewNgReader(r, pcapgo.DefaultNgReaderOptions)
	})
}

func BenchmarkWriter(b *testing.B) {
	w, err := NewWriter(io.Discard, WriterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.AddInterface(Interface{Link: captures.LinkEthernet}); err != nil {
		b.Fatal(err)
	}
	f := captures.Frame{Time: 1e18, Length: benchFrameLen, Data: make([]byte, benchFrameLen)}
	b.SetBytes(benchFrameLen)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.WriteFrame(&f); err != nil {
			b.Fatal(err)
		}
	}
}

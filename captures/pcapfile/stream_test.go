package pcapfile

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/spanrig/spanrig/captures"
)

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(t testing.TB, b []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, append(options, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCompressed wants the same capture from every form of its bytes.
func TestCompressed(t *testing.T) {
	for name, small := range smallFiles() {
		want, _ := readWhole(t, small.file)
		half := len(small.file) / 2
		skippable := []byte{0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2}
		for how, file := range map[string][]byte{
			"gzip":            gzipped(t, small.file),
			"two members":     slices.Concat(gzipped(t, small.file[:half]), gzipped(t, small.file[half:])),
			"zstd":            zstandard(t, small.file),
			"two frames":      slices.Concat(zstandard(t, small.file[:half]), zstandard(t, small.file[half:])),
			"skippable frame": slices.Concat(skippable, zstandard(t, small.file)),
		} {
			got, _ := readWhole(t, file)
			if len(got) != len(want) {
				t.Fatalf("%s in %s: %d frames, want %d", name, how, len(got), len(want))
			}
			for i := range want {
				sameFrame(t, got[i], want[i])
			}
		}
	}
}

// TestCompressedTruncation cuts compressed captures at every byte: never a
// clean end.
func TestCompressedTruncation(t *testing.T) {
	small := smallFiles()["pcap"]
	for how, file := range map[string][]byte{"gzip": gzipped(t, small.file), "zstd": zstandard(t, small.file)} {
		for cut := 4; cut < len(file); cut++ {
			r, err := NewReader(bytes.NewReader(file[:cut]), Options{Name: "test"})
			if err == nil {
				_, err = drain(r)
			}
			var fault *captures.Fault
			if !errors.As(err, &fault) || fault.File != "test" || fault.What != how+" stream cut" {
				t.Errorf("%s cut after %d of %d bytes: %v", how, cut, len(file), err)
			}
		}
	}
}

// TestCompressedCorruption flips every bit: all is a fault or an error, or the
// same capture where the bit has no meaning.
func TestCompressedCorruption(t *testing.T) {
	small := smallFiles()["pcapng"]
	want, _ := readWhole(t, small.file)
	for how, file := range map[string][]byte{"gzip": gzipped(t, small.file), "zstd": zstandard(t, small.file)} {
		for bit := 32; bit < 8*len(file); bit++ {
			file := bytes.Clone(file)
			file[bit/8] ^= 1 << (bit % 8)
			r, err := NewReader(bytes.NewReader(file), Options{})
			if err != nil {
				continue
			}
			got, err := drain(r)
			if err == io.EOF && len(got) != len(want) {
				t.Errorf("%s with bit %d flipped: a clean end after %d frames", how, bit, len(got))
			}
		}
	}
}

// TestCompressedFaultOffset wants the damage of the stream where the bytes of
// the capture end, after all frames.
func TestCompressedFaultOffset(t *testing.T) {
	small := smallFiles()["pcap"]
	file := gzipped(t, small.file)
	file[len(file)-8] ^= 1 // of the checksum
	frames, _, err := read(t, file)
	wantFault(t, err, int64(len(small.file)), "gzip stream damaged (gzip: invalid checksum)")
	if len(frames) != 3 {
		t.Errorf("%d frames before the checksum, want 3", len(frames))
	}
	_, _, err = read(t, append(gzipped(t, small.file), "rest"...))
	wantFault(t, err, int64(len(small.file)), "gzip stream")
}

// TestZstdWindow refuses a window above the limit: its memory comes first.
func TestZstdWindow(t *testing.T) {
	const windowLog40 = (40 - 10) << 3
	file := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, windowLog40, 0x01, 0x00, 0x00}
	_, err := NewReader(bytes.NewReader(file), Options{Name: "test"})
	wantFault(t, err, 0, "zstd stream damaged (window size exceeded)")
}

// TestCompressedReadError tells a disk that fails from a stream that is damaged.
func TestCompressedReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	small := smallFiles()["pcap"]
	for how, file := range map[string][]byte{"gzip": gzipped(t, small.file), "zstd": zstandard(t, small.file)} {
		in := io.MultiReader(bytes.NewReader(file[:len(file)-6]), iotest.ErrReader(broken))
		r, err := NewReader(in, Options{})
		if err == nil {
			_, err = drain(r)
		}
		if err != broken {
			t.Errorf("%s: %v", how, err)
		}
	}
}

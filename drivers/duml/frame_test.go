package duml

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// vector is a frame of somebody else's program.
type vector struct {
	raw   []byte
	frame Frame
}

func vectors(t testing.TB) (list []vector) {
	t.Helper()
	f, err := os.Open("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		words := strings.Fields(s.Text())
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		seq, err := strconv.ParseUint(words[3], 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		kind := unhex(t, words[4])[0]
		list = append(list, vector{unhex(t, words[0]), Frame{
			Version: 1, From: Module(unhex(t, words[1])[0]), To: Module(unhex(t, words[2])[0]), Seq: uint16(seq),
			Response: kind&0x80 != 0, Ack: kind >> 5 & 3, Encryption: kind & 7,
			Set: unhex(t, words[5])[0], ID: unhex(t, words[6])[0], Payload: unhex(t, strings.TrimPrefix(words[7], "-")),
		}})
	}
	if len(list) < 10 {
		t.Fatalf("only %d vectors", len(list))
	}
	return list
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		raw, err := v.frame.Append(nil)
		if err != nil || !bytes.Equal(raw, v.raw) {
			t.Errorf("encoded % x, %v, want % x", raw, err, v.raw)
		}
		f, err := Decode(v.raw)
		if err != nil || !reflect.DeepEqual(f, v.frame) {
			t.Errorf("decoded %+v, %v, want %+v", f, err, v.frame)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, f := range []Frame{{Version: 64}, {Ack: 4}, {Spare: 4}, {Encryption: 8}, {Payload: make([]byte, MaxPayload+1)}} {
		if b, err := f.Append([]byte("kept")); err == nil || string(b) != "kept" {
			t.Errorf("%+v: % x, %v", f, b, err)
		}
	}
}

func TestEveryBitIsChecked(t *testing.T) {
	raw := vectors(t)[3].raw
	for bit := range 8 * len(raw) {
		b := bytes.Clone(raw)
		b[bit/8] ^= 1 << (bit % 8)
		if f, err := Decode(b); err == nil {
			t.Errorf("bit %d flipped: %+v", bit, f)
		}
	}
}

func TestModule(t *testing.T) {
	if m := At(Radio, 7); m.Type() != Radio || m.Index() != 7 || m.String() != "0607" || m != 0xe6 {
		t.Errorf("%v %#x", m, byte(m))
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.raw)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := Decode(b)
		if (err != nil) == (frame.Payload != nil) {
			t.Fatalf("value xor error: %+v, %v", frame, err)
		}
		if err != nil {
			return
		}
		if again, err := frame.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("% x encodes again as % x, %v", b, again, err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add(byte(1), byte(10), byte(6), uint16(1), byte(0x40), byte(0), byte(1), []byte("x"))
	f.Fuzz(func(t *testing.T, version, from, to byte, seq uint16, kind, set, id byte, payload []byte) {
		in := Frame{version, Module(from), Module(to), seq, kind&0x80 != 0, kind >> 5 & 3, kind >> 3 & 3, kind & 7, set, id, append([]byte{}, payload...)}
		b, err := in.Append(nil)
		if (err != nil) != (version > 63 || len(payload) > MaxPayload) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		if out, err := Decode(b); err != nil || !reflect.DeepEqual(in, out) {
			t.Fatalf("%+v, then %+v, %v", in, out, err)
		}
	})
}

// decodeAll feeds a stream in pieces of some size.
func decodeAll(stream []byte, piece int) (d Decoder, frames []Frame, held int) {
	for p := range slicesOf(stream, piece) {
		d.Feed(p, func(f Frame) { frames = append(frames, f) })
		held = max(held, len(d.pending))
	}
	return d, frames, held
}

func slicesOf(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			k := min(n, len(b))
			if !yield(b[:k]) {
				return
			}
			b = b[k:]
		}
	}
}

func TestDecoderFindsFramesInNoise(t *testing.T) {
	var stream []byte
	var want []Frame
	noise, damaged := 0, 0
	for i, v := range vectors(t) {
		junk := []byte("noise \x55\x55\x0d\x04")[:i]
		stream = append(append(stream, junk...), v.raw...)
		noise += len(junk)
		if i%2 == 0 {
			bad := bytes.Clone(v.raw)
			bad[len(bad)-1] ^= 1
			stream = append(stream, bad...)
			noise += len(bad)
			damaged++
		}
		want = append(want, v.frame)
	}
	stream = append(stream, vectors(t)[0].raw...)
	want = append(want, vectors(t)[0].frame)
	for _, piece := range []int{1, 7, 1000, len(stream)} {
		d, frames, held := decodeAll(stream, piece)
		if !reflect.DeepEqual(frames, want) || d.Skipped != uint64(noise) || d.Damaged != uint64(damaged) {
			t.Errorf("pieces of %d: %d of %d frames, %d of %d bytes skipped, %d of %d damaged", piece, len(frames), len(want), d.Skipped, noise, d.Damaged, damaged)
		}
		if held >= MaxFrame {
			t.Errorf("pieces of %d: %d bytes held", piece, held)
		}
	}
}

// TestResync lets noise look like the head of a long frame before a short one.
func TestResync(t *testing.T) {
	head := []byte{sof, 0xff, 0x07}
	head = append(head, crc8(head))
	var d Decoder
	var frames []Frame
	emit := func(f Frame) { frames = append(frames, f) }
	d.Feed(append(head, vectors(t)[0].raw...), emit)
	if len(frames) != 0 {
		t.Fatal("the noise was no head")
	}
	d.Resync(emit)
	if len(frames) != 1 || d.Skipped != 4 || len(d.pending) != 0 {
		t.Errorf("%d frames, %d skipped, %d pending", len(frames), d.Skipped, len(d.pending))
	}
	d.Resync(emit) // nothing to give up
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x55\x0d\x04\x33\x0a\x06\x01\x00\x40\x00\x01\xf4\x29 noise"), 3)
	f.Fuzz(func(t *testing.T, stream []byte, piece int) {
		if piece < 1 {
			return
		}
		d, frames, held := decodeAll(stream, piece)
		whole, same, _ := decodeAll(stream, len(stream)+1)
		size := 0
		for _, f := range frames {
			size += overhead + len(f.Payload)
		}
		if held > MaxFrame || !reflect.DeepEqual(frames, same) || d.Skipped != whole.Skipped {
			t.Fatalf("in pieces %d frames, %d skipped, %d held; whole %d and %d", len(frames), d.Skipped, held, len(same), whole.Skipped)
		}
		if uint64(size)+d.Skipped+uint64(len(d.pending)) != uint64(len(stream)) {
			t.Fatalf("%d bytes: %d in frames, %d skipped, %d pending", len(stream), size, d.Skipped, len(d.pending))
		}
	})
}

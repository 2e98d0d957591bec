package span

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// slot is a frame as the kernel puts it into a ring block.
type slot struct {
	seconds, nanos uint32
	data           []byte
	length         uint32
	status         uint32
	tci            uint32
	tpid           uint16
	kind           byte
}

// ringBlock is a block of the given size with frames, as packet_mmap.rst draws it.
func ringBlock(size int, slots ...slot) []byte {
	b := make([]byte, size)
	o := binary.NativeEndian
	o.PutUint32(b, 1) // version
	o.PutUint32(b[4:], blockHead)
	o.PutUint32(b[blockStatus:], statusUser)
	o.PutUint32(b[blockCount:], uint32(len(slots)))
	o.PutUint32(b[blockFirst:], blockHead)
	at := blockHead
	const mac = 82 // as the kernel aligns it
	for i, s := range slots {
		h := b[at:]
		step := (mac + len(s.data) + 15) &^ 15
		if i < len(slots)-1 {
			o.PutUint32(h[frameNext:], uint32(step))
		}
		o.PutUint32(h[frameSeconds:], s.seconds)
		o.PutUint32(h[frameNanos:], s.nanos)
		o.PutUint32(h[frameCapture:], uint32(len(s.data)))
		o.PutUint32(h[frameLength:], s.length)
		o.PutUint32(h[frameStatus:], s.status)
		o.PutUint16(h[frameMAC:], mac)
		o.PutUint32(h[frameTCI:], s.tci)
		o.PutUint16(h[frameTPID:], s.tpid)
		h[frameKind] = s.kind
		copy(h[mac:], s.data)
		at += step
	}
	return b
}

func frameOf(first byte, n int) []byte {
	b := bytes.Repeat([]byte{first}, n)
	copy(b[12:], []byte{0x88, 0xb5})
	return b
}

func TestWalk(t *testing.T) {
	b := ringBlock(4096,
		slot{seconds: 4_000_000_000, nanos: 999_999_999, data: frameOf(1, 60), length: 60},
		slot{seconds: 1, data: frameOf(2, 64), length: 1000, status: statusVLAN, tci: 42, tpid: 0x88a8},
		slot{seconds: 2, data: frameOf(3, 60), length: 60, status: statusVLAN | statusVLANProto, tci: 0xf001, tpid: 0x88a8, kind: kindOurs},
		slot{seconds: 3, data: frameOf(4, 60)[:11], length: 11, status: statusVLAN},
	)
	w, err := newWalk(b)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		time   int64
		length uint32
		kind   uint8
		whole  []byte
	}{
		{4_000_000_000_999_999_999, 60, 0, frameOf(1, 60)},
		{1e9, 1004, 0, tagged(frameOf(2, 64), 0x81, 0, 0, 42)},
		{2e9, 64, kindOurs, tagged(frameOf(3, 60), 0x88, 0xa8, 0xf0, 1)},
		{3e9, 11, 0, frameOf(4, 60)[:11]},
	} {
		var f ringFrame
		if more, err := w.next(&f); !more || err != nil {
			t.Fatalf("frame %d: %v, %v", i, more, err)
		}
		if f.time != want.time || f.length != want.length || f.kind != want.kind || !bytes.Equal(whole(&f), want.whole) || f.size() != len(want.whole) {
			t.Errorf("frame %d is %+v, want %+v", i, f, want)
		}
	}
	var f ringFrame
	if more, err := w.next(&f); more || err != nil {
		t.Errorf("behind the last: %v, %v", more, err)
	}
}

func whole(f *ringFrame) []byte {
	head, tag, rest := f.parts()
	return bytes.Join([][]byte{head, tag, rest}, nil)
}

func tagged(b []byte, tag ...byte) []byte {
	return bytes.Join([][]byte{b[:12], tag, b[12:]}, nil)
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		tagged bool
		limit  uint32
		want   int
	}{{false, 100, 60}, {false, 20, 20}, {true, 100, 64}, {true, 64, 64}, {true, 63, 63}, {true, 16, 16}, {true, 3, 16}} {
		f := ringFrame{data: frameOf(1, 60), tagged: c.tagged}
		if f.limit(c.limit); len(whole(&f)) != c.want || f.size() != c.want {
			t.Errorf("%+v: %d bytes", c, f.size())
		}
	}
}

// TestWalkDamage wants an error for what no kernel writes, and nothing outside
// of the block.
func TestWalkDamage(t *testing.T) {
	good := func() []byte { return ringBlock(1024, slot{data: frameOf(1, 60)}, slot{data: frameOf(2, 60)}) }
	o := binary.NativeEndian
	for name, damage := range map[string]func(b []byte){
		"first outside":       func(b []byte) { o.PutUint32(b[blockFirst:], 1000) },
		"first far outside":   func(b []byte) { o.PutUint32(b[blockFirst:], 1<<32-1) },
		"data outside":        func(b []byte) { o.PutUint32(b[blockHead+frameCapture:], 1000) },
		"data far outside":    func(b []byte) { o.PutUint32(b[blockHead+frameCapture:], 1<<32-1) },
		"data in the header":  func(b []byte) { o.PutUint16(b[blockHead+frameMAC:], 4) },
		"next outside":        func(b []byte) { o.PutUint32(b[blockHead+frameNext:], 2000) },
		"next in the data":    func(b []byte) { o.PutUint32(b[blockHead+frameNext:], 100) },
		"next is itself":      func(b []byte) { o.PutUint32(b[blockHead+frameNext:], 0) },
		"more than there are": func(b []byte) { o.PutUint32(b[blockCount:], 3) },
		"billions of frames":  func(b []byte) { o.PutUint32(b[blockCount:], 1<<32-1) },
		"next beyond 32 bits": func(b []byte) { o.PutUint32(b[blockHead+frameNext:], 1<<32-16) },
	} {
		b := good()
		damage(b)
		if n, err := walkAll(b); err == nil || n > 2 {
			t.Errorf("%s: %d frames, %v", name, n, err)
		}
	}
	if _, err := newWalk(make([]byte, blockHead-1)); err == nil {
		t.Error("a block without a head is read")
	}
	if n, err := walkAll(good()); n != 2 || err != nil {
		t.Errorf("undamaged: %d frames, %v", n, err)
	}
}

// walkAll counts the frames until the end or an error.
func walkAll(b []byte) (n int, err error) {
	w, err := newWalk(b)
	for more := true; more && err == nil; {
		var f ringFrame
		if more, err = w.next(&f); more {
			n++
		}
	}
	return n, err
}

// FuzzWalk wants value xor error for every block, frames that do not overlap,
// and room for all of them in as many bytes of a file.
func FuzzWalk(f *testing.F) {
	f.Add(ringBlock(512, slot{data: frameOf(1, 60), length: 60}, slot{data: frameOf(2, 60), status: statusVLAN}))
	f.Add(ringBlock(1024, slot{data: frameOf(1, 600), length: 9000, status: statusVLAN | statusVLANProto, tpid: 0x88a8}))
	f.Add(ringBlock(blockHead))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := newWalk(b)
		total := 0
		for err == nil {
			var f ringFrame
			var more bool
			if more, err = w.next(&f); more == (err != nil) && more {
				t.Fatal("a frame and an error")
			}
			if !more {
				break
			}
			total += frameRoom(&f)
			f.limit(100)
			if len(whole(&f)) != f.size() || f.size() > 100 {
				t.Fatalf("%d bytes of a frame of %d", len(whole(&f)), f.size())
			}
		}
		if total > len(b) {
			t.Fatalf("frames of a block of %d bytes take %d", len(b), total)
		}
	})
}

func BenchmarkWalk(b *testing.B) {
	var slots []slot
	for range 2000 {
		slots = append(slots, slot{data: frameOf(1, 302), length: 302, status: statusVLAN})
	}
	block := ringBlock(1<<20, slots...)
	out := &tape{buf: make([]byte, 0, 1<<20), gathered: make([]uint64, 1)}
	b.ReportAllocs()
	b.SetBytes(2000 * 302)
	for b.Loop() {
		out.buf = out.buf[:0]
		w, _ := newWalk(block)
		var f ringFrame
		for more, _ := w.next(&f); more; more, _ = w.next(&f) {
			_ = out.frame(0, &f)
		}
	}
	b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds()/1e6, "Mframes/s")
}

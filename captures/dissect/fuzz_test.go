package dissect

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// FuzzStream feeds one stream twice, whole and in pieces. Whatever it is, both
// must say the same, and nothing may panic or grow without bound. The first
// bytes of the input are its plan: port, then where turns and pieces end.
func FuzzStream(f *testing.F) {
	for _, s := range streams {
		var plan, text []byte
		for _, t := range s.turns {
			plan = append(plan, byte(len(t.text)))
			text = append(text, t.text...)
		}
		f.Add(s.port, plan, text)
	}
	addPayloads(f, func(b []byte) { f.Add(uint16(80), []byte{255, 255}, b) })
	f.Fuzz(func(t *testing.T, port uint16, plan, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		turns := turnsOf(plan, text)
		i := 0
		pieces := func() int {
			i++
			return 1 + int(port>>(i%8)&7)
		}
		want, got := converse(port, turns, whole), converse(port, turns, pieces)
		if !reflect.DeepEqual(got.Facts(), want.Facts()) {
			t.Errorf("in pieces %+v\nwhole %+v", got.Facts(), want.Facts())
		}
		for _, d := range []captures.Dir{captures.Orig, captures.Resp} {
			got.Gap(d, uint64(port))
			got.Feed(d, text, Mark{})
			got.Peek(d, text, Mark{})
			if got.Wants(d) {
				got.Gap(d.Reverse(), 1)
			}
		}
	})
}

// turnsOf cuts text into turns of the lengths in plan, in changing directions.
func turnsOf(plan, text []byte) []turn {
	var turns []turn
	dir := captures.Orig
	for _, n := range plan {
		n := min(int(n), len(text))
		if n > 0 {
			turns = append(turns, turn{dir, string(text[:n])})
		}
		text, dir = text[n:], dir.Reverse()
	}
	if len(text) > 0 {
		turns = append(turns, turn{dir, string(text)})
	}
	return turns
}

// FuzzDatagrams feeds a flow of datagrams, cut as plan says.
func FuzzDatagrams(f *testing.F) {
	for _, d := range datagrams {
		var plan, text []byte
		for _, p := range d.packets {
			plan = append(plan, byte(len(p)))
			text = append(text, p...)
		}
		f.Add(d.port, plan, text)
	}
	addPayloads(f, func(b []byte) { f.Add(uint16(53), []byte{255, 255}, b) })
	f.Add(uint16(67), []byte{255, 255}, acknowledgement("\x77\x07\x04last\xc0\x00"))
	f.Fuzz(func(t *testing.T, port uint16, plan, text []byte) {
		c := NewConversation(Transport{OrigPort: 40000, RespPort: port, OnBinding: func(DHCPLease, Mark) {}})
		for _, turn := range turnsOf(plan, text) {
			c.Datagram(turn.dir, []byte(turn.text), len(turn.text)+int(port&1), Mark{})
		}
		c.Datagram(captures.Resp, text, len(text), Mark{})
		if d := c.Facts().DNS; d != nil && (len(d.Queries) > Limit || len(d.Answers) > Limit) {
			t.Errorf("%d queries, %d answers", len(d.Queries), len(d.Answers))
		}
	})
}

// FuzzDHCP: a lease or an error.
func FuzzDHCP(f *testing.F) {
	f.Add(acknowledgement("\x01\x04\xff\xff\xff\x00\x06\x08\xc0\x00\x02\x01\xc0\x00\x02\x02"))
	f.Add(acknowledgement("\x0f\x04lab\x00"))
	addPayloads(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		if lease, err := ParseDHCP(b); (lease == nil) == (err == nil) {
			t.Fatalf("value %v, error %v", lease, err)
		}
	})
}

// TestHostileFiles feeds frames that were made to break readers as payload in
// both transports, wherever the payload may begin.
func TestHostileFiles(t *testing.T) {
	corpus(t)
	for _, frame := range hostileFrames(t) {
		for skip := 0; skip < min(len(frame), 60); skip += 2 {
			udp := NewConversation(Transport{OrigPort: 40000, RespPort: 53})
			udp.Datagram(captures.Orig, frame[skip:], len(frame), Mark{})
			tcp := NewConversation(Transport{TCP: true, OrigPort: 40000, RespPort: 80})
			tcp.Feed(captures.Orig, frame[skip:], Mark{})
		}
	}
}

// hostileFrames returns the frames of the classic captures in the folder of
// hostile files, as far as a naive reader finds them; none where it is absent.
func hostileFrames(t testing.TB) [][]byte {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpusDir(), "tcpdump", "*.pcap"))
	var frames [][]byte
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for b = b[min(24, len(b)):]; len(b) > 16; {
			n := min(int(binary.LittleEndian.Uint32(b[8:])), len(b)-16, 1<<16)
			if n <= 0 {
				break
			}
			frames = append(frames, b[16:16+n])
			b = b[16+n:]
		}
	}
	return frames
}

// addPayloads seeds a fuzz target with what follows Ethernet, IPv4 and UDP in
// some of the hostile frames.
func addPayloads(f *testing.F, add func(payload []byte)) {
	for i, frame := range hostileFrames(f) {
		if i%50 == 0 && len(frame) > 42 && len(frame) < 600 {
			add(frame[42:])
		}
	}
}

func corpusDir() string {
	if dir := os.Getenv("CORPUS_DIR"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "shared", "corpus")
}

// corpus returns the folder of real captures, or skips the test.
func corpus(t testing.TB) string {
	t.Helper()
	dir := corpusDir()
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no captures to test on: %v", err)
	}
	return dir
}

package flow_test

import (
	"encoding/binary"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/flow"
)

// FuzzAssemble reads its input as frames, each behind a link type, a step of
// the clock and a length. Whatever they are, every packet is in one flow.
func FuzzAssemble(f *testing.F) {
	seed := func(frames []captures.Frame) {
		var b []byte
		for _, frame := range frames[:min(len(frames), 40)] {
			if len(frame.Data) > 1<<11 {
				continue
			}
			b = append(b, byte(frame.Link), 1)
			b = binary.BigEndian.AppendUint16(b, uint16(len(frame.Data)))
			b = append(b, frame.Data...)
		}
		f.Add(b)
	}
	seed(source(udp(client, server, []byte("x")), udp(server, client, []byte("y")), arp(client.Addr())).frames)
	for _, file := range fuzzSeeds(f) {
		seed(readFrames(f, file))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var frames []captures.Frame
		clock := epoch
		for len(b) >= 4 && len(frames) < 1000 {
			link, step, size := captures.LinkType(b[0]), int8(b[1]), int(binary.BigEndian.Uint16(b[2:]))
			b = b[4:]
			n := min(size, len(b))
			clock += int64(step) * int64(step) * int64(step) * 1_000_000 // up to half an hour, either way
			frames = append(frames, captures.Frame{
				ID: captures.NewFrameID(0, uint64(len(frames)+1)), Time: clock, Length: uint32(size), Link: link, Data: b[:n:n],
			})
			b = b[n:]
		}
		conserves(t, "fuzz", frames, flow.Config{StreamLimit: 100, Echoes: true, Cuts: []int64{epoch, epoch + 1e9}})
	})
}

// fuzzSeeds returns some captures of the corpus, none where it is absent.
func fuzzSeeds(f *testing.F) []string {
	if !hasCorpus() {
		return nil
	}
	return captureFiles(f, 60, "ndpi", "zeek", "tcpdump")
}

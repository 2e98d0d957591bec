package dissect

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// Fields that tshark prints for replay, in this order.
var replayFields = []string{
	"frame.number", "frame.protocols", "tcp.stream", "udp.stream", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport",
	"tcp.seq_raw", "tcp.flags.syn", "tcp.payload", "udp.payload", "dns.qry.name", "http.host",
	"ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
}

// segment is one payload of a flow as tshark cut it out.
type segment struct {
	frame     uint64
	from      string // source of the packet
	orig      uint16
	resp      uint16
	seq       uint32
	syn       bool
	payload   []byte
	protocols []string
	names     []string // dns.qry.name
	hosts     []string // http.host
}

// readSegments groups what tshark printed by transport and stream.
func readSegments(t testing.TB, r io.Reader) map[string][]segment {
	t.Helper()
	flows := map[string][]segment{}
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if line == "" && err != nil {
			return flows
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != len(replayFields) {
			continue
		}
		s := segment{from: f[14] + f[16], protocols: strings.Split(f[1], ":"), syn: f[9] == "1" || f[9] == "True"}
		s.frame, _ = strconv.ParseUint(f[0], 10, 64)
		key, source, destination, payload := "tcp"+f[2], f[4], f[5], f[10]
		if f[2] == "" {
			key, source, destination, payload = "udp"+f[3], f[6], f[7], f[11]
		}
		if strings.Contains(key+source, "\x1f") || source == "" {
			continue // a packet in a packet
		}
		s.orig, s.resp = port(source), port(destination)
		s.from += " " + source
		seq, _ := strconv.ParseUint(f[8], 10, 32)
		s.seq = uint32(seq)
		s.payload, _ = hex.DecodeString(strings.ReplaceAll(payload, ":", ""))
		s.names, s.hosts = split(f[12]), split(f[13])
		flows[key] = append(flows[key], s)
	}
}

func port(s string) uint16 {
	n, _ := strconv.ParseUint(s, 10, 16)
	return uint16(n)
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\x1f")
}

// replay feeds a flow as an assembler would: TCP in the order of its numbers.
func replay(segments []segment, tcp bool) *Facts {
	first := segments[0]
	c := NewConversation(Transport{TCP: tcp, OrigPort: first.orig, RespPort: first.resp})
	var next [2]uint32
	var begun [2]bool
	var held [2][]segment
	for _, s := range segments {
		dir := captures.Orig
		if s.from != first.from {
			dir = captures.Resp
		}
		at := Mark{Frame: captures.FrameID(s.frame)}
		if !tcp {
			c.Datagram(dir, s.payload, len(s.payload), at)
			continue
		}
		if s.syn {
			next[dir], begun[dir] = s.seq+1, true
			continue
		}
		if len(s.payload) == 0 {
			continue
		}
		if !begun[dir] {
			next[dir], begun[dir] = s.seq, true
		}
		held[dir] = append(held[dir], s)
		next[dir], held[dir] = deliver(c, dir, next[dir], held[dir], len(held[dir]) > 40)
	}
	for dir := range held {
		for len(held[dir]) > 0 {
			next[dir], held[dir] = deliver(c, captures.Dir(dir), next[dir], held[dir], true)
		}
	}
	return c.Facts()
}

// deliver feeds what fits next. Where nothing does and force is set, it
// declares a gap before the earliest segment.
func deliver(c *Conversation, dir captures.Dir, next uint32, held []segment, force bool) (uint32, []segment) {
	for {
		slices.SortStableFunc(held, func(a, b segment) int { return cmp.Compare(int32(a.seq-next), int32(b.seq-next)) })
		if len(held) == 0 || int32(held[0].seq-next) > 0 && !force {
			return next, held
		}
		s := held[0]
		held = held[1:]
		if ahead := int32(s.seq - next); ahead > 0 {
			c.Gap(dir, uint64(ahead))
			next, force = s.seq, false
		}
		if skip := int(next - s.seq); skip < len(s.payload) {
			c.Feed(dir, s.payload[skip:], Mark{Frame: captures.FrameID(s.frame)})
			next = s.seq + uint32(len(s.payload))
		}
	}
}

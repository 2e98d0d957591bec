package span

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// linkMessage is a routing netlink message about an interface.
func linkMessage(kind uint16, family byte, index int32, flags uint32, attributes ...[]byte) []byte {
	b := make([]byte, unix.NLMSG_HDRLEN+unix.SizeofIfInfomsg)
	b[16] = family
	binary.NativeEndian.PutUint16(b[18:], unix.ARPHRD_ETHER)
	binary.NativeEndian.PutUint32(b[20:], uint32(index))
	binary.NativeEndian.PutUint32(b[24:], flags)
	for _, a := range attributes {
		b = append(b, a...)
	}
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], kind)
	return b
}

func attribute(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func counters(over, fifo, missed uint64) []byte {
	b := make([]byte, 24*8)
	for i, n := range map[int]uint64{6: 1000, 11: over, 14: fifo, 15: missed} {
		binary.NativeEndian.PutUint64(b[i*8:], n)
	}
	return attribute(unix.IFLA_STATS64, b)
}

func TestParseLinks(t *testing.T) {
	name := attribute(unix.IFLA_IFNAME, []byte("span0\x00"))
	mtu := attribute(unix.IFLA_MTU, binary.NativeEndian.AppendUint32(nil, 1500))
	downs := attribute(unix.IFLA_CARRIER_DOWN_COUNT, binary.NativeEndian.AppendUint32(nil, 3))
	got := parseLinks(slices.Concat(
		linkMessage(unix.RTM_NEWLINK, unix.AF_UNSPEC, 7, unix.IFF_UP|unix.IFF_RUNNING|unix.IFF_LOWER_UP, name, mtu, counters(1, 2, 4), downs),
		linkMessage(unix.RTM_NEWADDR, unix.AF_UNSPEC, 7, 0, name),
		linkMessage(unix.RTM_DELLINK, unix.AF_BRIDGE, 7, 0, name), // it left a bridge
		linkMessage(unix.RTM_NEWLINK, unix.AF_UNSPEC, 7, unix.IFF_UP|unix.IFF_RUNNING, name),
		linkMessage(unix.RTM_DELLINK, unix.AF_UNSPEC, 7, unix.IFF_UP|unix.IFF_RUNNING|unix.IFF_LOWER_UP, name),
	))
	want := []linkState{
		{name: "span0", index: 7, mtu: 1500, hardware: 1, isUp: true, carrier: true, downs: 3, hasCounts: true, missed: 7},
		{name: "span0", index: 7, hardware: 1, isUp: true},
		{name: "span0", index: 7, hardware: 1, isUp: true, carrier: true, gone: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("parsed %+v, want %+v", got, want)
	}
	for i, up := range []bool{true, false, false} {
		if want[i].up() != up {
			t.Errorf("state %d is up: %v", i, !up)
		}
	}
}

// TestLinkBack: a link that is back before the kernel says that it went is known
// by the kernel's count.
func TestLinkBack(t *testing.T) {
	now := int64(100)
	m := &machine{config: Config{Now: func() time.Time { return time.Unix(0, now) }}, events: make(chan Event, 4)}
	l := &lane{stats: Stats{Up: true}, downs: 2, lastUp: 90}
	state := linkState{name: "span0", isUp: true, carrier: true, downs: 2}
	m.told(l, state)
	if l.stats.LinkLosses != 0 || len(m.events) != 0 {
		t.Errorf("the same state: %+v", l.stats)
	}
	now, state.downs = 200, 4
	m.told(l, state)
	if l.stats.LinkLosses != 1 || l.stats.LinkLost != 100 || !l.stats.Up || len(m.events) != 2 {
		t.Errorf("back at once: %+v, %d events", l.stats, len(m.events))
	}
}

// FuzzParseLinks wants states with names, whatever comes, and an end.
func FuzzParseLinks(f *testing.F) {
	f.Add(linkMessage(unix.RTM_NEWLINK, 0, 7, 1, attribute(unix.IFLA_IFNAME, []byte("span0\x00")), counters(1, 2, 3)))
	f.Add(linkMessage(unix.NLMSG_DONE, 0, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range parseLinks(b) {
			if s.name == "" {
				t.Error("an interface without a name")
			}
		}
		concludes(b)
	})
}

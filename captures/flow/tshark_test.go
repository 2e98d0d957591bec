package flow_test

import (
	"context"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// TestAgainstTshark counts the packets of each pair of endpoints as tshark does.
// The files hold neither tunnels nor fragments, of which tshark counts otherwise.
func TestAgainstTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, name := range []string{"ndpi/http_connect.pcap", "ndpi/dropbox.pcap", "ndpi/instagram.pcap", "ndpi/lru_ipv6_caches.pcapng", "zeek/tls/google-cert-repeat.pcap"} {
		file := filepath.Join(corpus(t, "."), name)
		want := tsharkCounts(t, file)
		got := map[conversation]uint64{}
		src, err := pcapfile.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := flow.Assemble(context.Background(), src, flow.Config{}, flow.Observer{Flow: func(f *flow.Flow) {
			if f.Proto == packet.TCP || f.Proto == packet.UDP {
				got[between(f.Proto, netip.AddrPortFrom(f.Orig.Addr, f.Orig.Port), netip.AddrPortFrom(f.Resp.Addr, f.Resp.Port))] += f.Packets[0] + f.Packets[1]
			}
		}}); err != nil {
			t.Fatal(err)
		}
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
		for k, n := range want {
			if got[k] != n {
				t.Errorf("%s: %v: %d packets, tshark has %d", name, k, got[k], n)
			}
		}
		if len(want) == 0 || len(got) != len(want) {
			t.Errorf("%s: %d conversations, tshark has %d", name, len(got), len(want))
		}
	}
}

// conversation is a pair of endpoints, the lower first.
type conversation struct {
	proto uint8
	a, b  netip.AddrPort
}

func between(proto uint8, a, b netip.AddrPort) conversation {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return conversation{proto, a, b}
}

func tsharkCounts(t *testing.T, file string) map[conversation]uint64 {
	t.Helper()
	args := []string{"-n", "-r", file, "-T", "fields"}
	for _, field := range []string{"ip.proto", "ipv6.nxt", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "tcp.srcport", "udp.srcport", "tcp.dstport", "udp.dstport"} {
		args = append(args, "-e", field)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[conversation]uint64{}
	for line := range strings.Lines(string(out)) {
		v := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		either := func(i int) string { return v[i] + v[i+1] } // of two fields one is empty
		proto, err := strconv.ParseUint(either(0), 10, 8)
		if err != nil || proto != packet.TCP && proto != packet.UDP {
			continue
		}
		counts[between(uint8(proto), endpoint(t, either(2), either(6)), endpoint(t, either(4), either(8)))]++
	}
	return counts
}

func endpoint(t *testing.T, addr, port string) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddr(addr)
	if err != nil {
		t.Fatal(err)
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(a, uint16(p))
}

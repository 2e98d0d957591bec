package flow_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// TestCommunityIDBaselines makes a flow of each packet of the specification's
// captures and holds its ID against the specification's own.
func TestCommunityIDBaselines(t *testing.T) {
	dir := corpus(t, "community-id")
	for name, id := range map[string]func(*flow.Flow) string{
		"baseline_deflt.json": func(f *flow.Flow) string { return f.CommunityID(0) },
		"baseline_seed1.json": func(f *flow.Flow) string { return f.CommunityID(1) },
		"baseline_nob64.json": (*flow.Flow).CommunityHex,
	} {
		got := communityIDs(t, dir, id)
		var want []struct {
			Proto        uint8
			Saddr, Daddr netip.Addr
			Sport, Dport *uint16
			ID           string `json:"communityid"`
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			k := tuple{proto: w.Proto, src: w.Saddr, dst: w.Daddr}
			if w.Sport != nil {
				k.sport, k.dport = *w.Sport, *w.Dport
			}
			if got[k] != w.ID {
				t.Errorf("%s: %+v: %q, want %q", name, k, got[k], w.ID)
			}
		}
		if len(want) < 20 {
			t.Errorf("%s holds only %d flows", name, len(want))
		}
	}
}

// tuple is what the baselines tell flows by; ICMP types stand for ports.
type tuple struct {
	proto        uint8
	src, dst     netip.Addr
	sport, dport uint16
}

// communityIDs returns the IDs of all flows, by both of their directions.
func communityIDs(t *testing.T, dir string, id func(*flow.Flow) string) map[tuple]string {
	ids := map[tuple]string{}
	files, _ := filepath.Glob(filepath.Join(dir, "*.pcap"))
	for _, file := range files {
		src, err := pcapfile.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = flow.Assemble(context.Background(), src, flow.Config{}, flow.Observer{Flow: func(f *flow.Flow) {
			k := tuple{f.Proto, f.Orig.Addr, f.Resp.Addr, f.Orig.Port, f.Resp.Port}
			if f.Proto == packet.ICMP || f.Proto == packet.ICMPv6 {
				k.sport, k.dport = flow.CommunityPorts(f)
			}
			ids[k] = id(f)
			k.src, k.dst, k.sport, k.dport = k.dst, k.src, k.dport, k.sport
			ids[k] = id(f)
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func TestCommunityID(t *testing.T) {
	f := &flow.Flow{
		Proto: packet.TCP,
		Orig:  flow.Endpoint{Addr: netip.MustParseAddr("128.232.110.120"), Port: 34855},
		Resp:  flow.Endpoint{Addr: netip.MustParseAddr("66.35.250.204"), Port: 80},
	}
	const want = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" // README of the specification
	if id := f.CommunityID(0); id != want {
		t.Errorf("%s, want %s", id, want)
	}
	f.Orig, f.Resp = f.Resp, f.Orig
	if id := f.CommunityID(0); id != want {
		t.Errorf("reversed: %s, want %s", id, want)
	}
}

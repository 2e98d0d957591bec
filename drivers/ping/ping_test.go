package ping

import (
	"context"
	"net/netip"
	"os"
	"testing"
	"time"
)

func TestEcho(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: raw sockets")
	}
	for addr, want := range map[string]bool{"127.0.0.1": true, "198.51.100.77": false} {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		proof, err := Echo(ctx, netip.MustParseAddr(addr), 0x5350, 7)
		cancel()
		if !want && err != nil {
			continue // no route to a documentation address is an answer too
		}
		if err != nil || proof.Answered != want || *proof.EchoID != 0x5350 || *proof.EchoSeq != 7 || proof.Proto != "icmp" {
			t.Errorf("%s: %+v, %v", addr, proof, err)
		}
	}
}

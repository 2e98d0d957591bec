package flow

import (
	"net/netip"
	"strings"
	"testing"
)

// TestTCPStates plays handshakes and ends by hand. A segment is its sender, a
// for alice and b for bob, and its flags; alice is the one who opens.
func TestTCPStates(t *testing.T) {
	for _, c := range []struct {
		segments string
		want     State
	}{
		{"aS", S0},
		{"aS aS", S0},
		{"aS aA aA", S0}, // the other direction is not captured
		{"aS bSA", S1},
		{"aS bSA aA", S1},
		{"bSA aS aA", S1}, // the mirror swapped them
		{"aS bSA aA aA bA", S1},
		{"aS bSA aA aFA bA bFA aA", SF},
		{"aS bSA aA bFA aFA bA", SF},
		{"aS bSA aA aFA bFA aRA", SF}, // a RST after both FINs changes nothing
		{"aFA bFA", SF},
		{"aS bRA", REJ},
		{"aS bRA aR", REJ},
		{"aS bSA aA aFA bA", S2},
		{"aS bSA aA bFA aA", S3},
		{"aS bSA aA aRA", RSTO},
		{"aS bSA aR", RSTO}, // a SYN scan
		{"aS bSA aA aFA aR", RSTO},
		{"bSA aR", RSTO},
		{"aS bSA aA bRA", RSTR},
		{"aS bSA aA aFA bR", RSTR},
		{"aS aR", RSTOS0},
		{"aA aR", RSTOS0},
		{"bSA bR", RSTRH},
		{"aA bA bR", RSTRH},
		{"aS aFA", SH},
		{"aA aFA", SH},
		{"bSA bFA", SHR},
		{"aA bA bFA", SHR},
		{"bSA", OTH},
		{"aA bA aA", OTH},
		{"aA", OTH},
		{"aS bA", OTH}, // the SYN-ACK was lost
	} {
		s := &script{}
		for _, segment := range strings.Fields(c.segments) {
			if segment[0] == 'a' {
				s.tcp(alice, bob, segment[1:], 100, 500, "")
			} else {
				s.tcp(bob, alice, segment[1:], 500, 101, "")
			}
		}
		f := s.one(t, Config{})
		if f.State != c.want || f.Orig.Addr != alice.Addr() {
			t.Errorf("%s: %s from %s, want %s from alice", c.segments, f.State, f.Orig.Addr, c.want)
		}
	}
}

func TestOtherStates(t *testing.T) {
	s := &script{}
	s.udp(alice, bob, "x")
	if f := s.one(t, Config{}); f.State != S0 {
		t.Errorf("UDP one way: %s", f.State)
	}
	s.udp(bob, alice, "x")
	if f := s.one(t, Config{}); f.State != SF {
		t.Errorf("UDP both ways: %s", f.State)
	}
	s = &script{}
	s.udp(bob, alice, "x") // from a server's port
	if f := s.one(t, Config{}); f.State != SHR || f.Resp.Port != 443 {
		t.Errorf("UDP answer alone: %s to %d", f.State, f.Resp.Port)
	}
	s = &script{}
	s.icmp(alice, netip.AddrPortFrom(bob.Addr(), 0), 8, 0, 1, 1)
	if f := s.one(t, Config{}); f.State != OTH {
		t.Errorf("ICMP: %s", f.State)
	}
}

package generator

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func config() Config {
	return Config{
		Interface: "lo",
		SourceMAC: [6]byte{2, 0, 0, 0, 0, 1}, TargetMAC: [6]byte{2, 0, 0, 0, 0, 2},
		Source: netip.MustParseAddrPort("192.0.2.1:40000"), Target: netip.MustParseAddrPort("198.51.100.1:9"),
		Run: 7, Sizes: DefaultSizes, FramesPerSecond: 1000, For: time.Second,
	}
}

func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"choose 64 to 9018": func(c *Config) { c.Sizes = []int{64, 63} },
		"IPv4":              func(c *Config) { c.Target = netip.MustParseAddrPort("[2001:db8::1]:9") },
		"one rate":          func(c *Config) { c.BitsPerSecond = 1 },
		"run of 0":          func(c *Config) { c.Run = 0 },
		"how long":          func(c *Config) { c.For = 0 },
		"no interface":      func(c *Config) { c.Interface = "nosuch0" },
	} {
		c := config()
		change(&c)
		if _, err := Send(context.Background(), c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPace wants the rate kept over time, and after a hold-up no burst of more
// than what the slack allows.
func TestPace(t *testing.T) {
	now := time.Now()
	p := newPace([]time.Duration{time.Millisecond, 3 * time.Millisecond}, now)
	sent := 0
	for range 1000 {
		n := p.due(now, 64)
		p.took(n)
		sent += n
		now = now.Add(500 * time.Microsecond)
	}
	if sent < 249 || sent > 251 {
		t.Errorf("%d frames in 500 ms, want 250", sent)
	}
	now = now.Add(time.Second)
	if n := p.due(now, 64); n > 2 {
		t.Errorf("%d frames at once after a second's hold-up", n)
	}
	p = newPace([]time.Duration{time.Microsecond}, now)
	if n := p.due(now.Add(time.Millisecond), 64); n != 64 {
		t.Errorf("a batch of %d", n)
	}
}

func TestCost(t *testing.T) {
	c := config()
	c.FramesPerSecond, c.BitsPerSecond = 0, 100_000_000
	if got := c.cost()[0]; got != 6720*time.Nanosecond { // 84 bytes at 100 Mb/s: 148,810 frames a second
		t.Errorf("the smallest frame takes %v", got)
	}
}

// TestSendEnds ends a long run by its context.
func TestSendEnds(t *testing.T) {
	c := config()
	c.For = time.Hour
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	r, err := Send(ctx, c)
	if err != nil && strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Skip("not root: frames cannot be sent")
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if r.Sent < 20 || r.Sent > 60 || r.Ended <= r.Began {
		t.Errorf("sent at 1000 a second for 50 ms: %+v", r)
	}
}

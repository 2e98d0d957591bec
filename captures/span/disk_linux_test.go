package span

import (
	"strings"
	"testing"
)

func TestBacklog(t *testing.T) {
	if _, err := backlog(); err != nil {
		t.Errorf("this kernel's: %v", err)
	}
	if n, err := parseBacklog("00001a2b 0000000f 00000000\n00000001 00000010 00000000\n"); n != 31 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, bad := range []string{"00000001\n", "1 x 2\n"} {
		if n, err := parseBacklog(bad); err == nil {
			t.Errorf("%q: %d", bad, n)
		}
	}
}

// TestSayWaitsForNobody fills the channel of events.
func TestSayWaitsForNobody(t *testing.T) {
	c := Config{Interfaces: []string{"span0"}}
	if err := c.complete(); err != nil {
		t.Fatal(err)
	}
	m := &machine{config: c, events: make(chan Event, maxEvents)}
	for range maxEvents + 3 {
		m.say(LinkUp, "span0", "the link is up")
	}
	if len(m.events) != maxEvents || m.summary.EventsLost != 3 {
		t.Errorf("%d events wait, %d are lost", len(m.events), m.summary.EventsLost)
	}
}

func TestSystem(t *testing.T) {
	if got := system(); !strings.HasPrefix(got, "Linux ") {
		t.Error(got)
	}
	if n, err := free("."); err != nil || n <= 0 {
		t.Errorf("%d bytes are free, %v", n, err)
	}
	if _, err := free("nowhere"); err == nil {
		t.Error("a folder that is not there has room")
	}
}

package flow

import (
	"reflect"
	"testing"
	"time"
)

// TestTimeline: cuts that become known on the way give the tallies that the
// same cuts give when they are known before.
func TestTimeline(t *testing.T) {
	s := &script{step: time.Second}
	for range 10 {
		s.udp(alice, bob, "one")
	}
	at := func(frame int) int64 { return s.packets[frame-1].Time }
	cuts := []int64{at(2), at(5) - 1, at(7)}
	want := s.one(t, Config{Cuts: cuts}).Tallies

	live := &Timeline{}
	var got []Tally
	a := newAssembler(Config{Timeline: live}, Observer{Flow: func(f *Flow) { got = f.Tallies }})
	left := cuts
	for i := range s.packets {
		for ; len(left) > 0 && left[0] <= s.packets[i].Time; left = left[1:] {
			live.Cut(left[0])
		}
		a.packet(&s.packets[i])
	}
	a.end()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("live  %+v\nknown %+v", got, want)
	}
	if live.Cut(at(7)); !reflect.DeepEqual(live.Cuts(), cuts) {
		t.Errorf("a cut that is not later than the last was taken: %v", live.Cuts())
	}
}

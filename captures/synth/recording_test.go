package synth_test

import (
	"bytes"
	"testing"

	"github.com/spanrig/spanrig/captures/synth"
)

func base() *synth.Recording {
	return synth.New("base").Standard().LDM().Standard()
}

// TestSameBytes builds a recording twice.
func TestSameBytes(t *testing.T) {
	a, b := base().Files(), base().Files()
	if len(a) != 4 {
		t.Fatalf("%d files", len(a))
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

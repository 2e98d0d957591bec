package policy

import (
	"reflect"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/rig"
)

// TestCite: frames are named in the file that holds them.
func TestCite(t *testing.T) {
	id := captures.NewFrameID
	two := &view{rec: &rig.Recording{Files: []string{"capture-0001.pcapng", "capture-0002.pcapng"}}}
	for name, c := range map[string]struct {
		frames []captures.FrameID
		want   []citation
	}{
		"own file":   {[]captures.FrameID{id(0, 31), id(0, 40)}, []citation{{"", []uint64{31, 40}}}},
		"next file":  {[]captures.FrameID{id(1, 3)}, []citation{{"capture-0002.pcapng", []uint64{3}}}},
		"both files": {[]captures.FrameID{id(0, 31), id(1, 3)}, []citation{{"", []uint64{31}}, {"capture-0002.pcapng", []uint64{3}}}},
		"none":       {nil, []citation{{"", []uint64{}}}},
	} {
		if got := two.cite(id(0, 31), c.frames); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := (Evidence{Flow: 31, File: "a", FramesFile: "b", Frames: []uint64{3}}).String(); got != "a flow 31, b: frame.number in {3}" {
		t.Error(got)
	}
}

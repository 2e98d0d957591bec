package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestSimNames: what is no name of a bench is a fault of usage, and one bench
// that cannot be taken down keeps no other up.
func TestSimNames(t *testing.T) {
	for _, what := range []string{"up", "down"} {
		var said strings.Builder
		code := Main(t.Context(), []string{"sim", what, "--name", "../a"}, Streams{Out: io.Discard, Err: &said}, benchfile.Drivers{})
		if code != exitUsage || !strings.Contains(said.String(), `bench name "../a"`) {
			t.Errorf("%s: exit %d, %s", what, code, said.String())
		}
	}
	err := simDown(t.Context(), Streams{Err: io.Discard}, []string{"../a", "../b"})
	if err == nil || !strings.Contains(err.Error(), `"../a"`) || !strings.Contains(err.Error(), `"../b"`) {
		t.Errorf("%v", err)
	}
}

package manual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// TestAsk: what was answered too late is not taken for the answer to the next
// question, and nobody at the input is no lost device.
func TestAsk(t *testing.T) {
	r, w := io.Pipe()
	prompts := make(asked, 9)
	ask := Ask(r, prompts)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, "plug it in:"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	<-prompts
	fmt.Fprintln(w, "done")           // too late
	time.Sleep(50 * time.Millisecond) // until it stands in the queue
	go func() { <-prompts; fmt.Fprintln(w, " unplugged ") }()
	if answer, err := ask(t.Context(), "unplug it:"); answer != "unplugged" || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
	_ = w.Close()
	if _, err := ask(t.Context(), "again:"); !errors.Is(err, ErrNobody) || errors.Is(err, drivers.ErrLost) {
		t.Error(err)
	}
}

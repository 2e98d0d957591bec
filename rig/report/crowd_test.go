package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/report/pagetest"
)

// crowd is a recording of n flows and some: names and addresses by the
// thousand, a twentieth of them in local data mode, where each breaks a promise.
func crowd(t testing.TB, n int) string {
	t.Helper()
	r := synth.New("crowd")
	script := func(share int, name string) func(*synth.Window) {
		return func(w *synth.Window) {
			w.Length, w.Every = 10*time.Minute, 30*time.Second
			for i := range share {
				m := w.At(11*time.Second + time.Duration(i)*(580*time.Second)/time.Duration(share))
				addr := fmt.Sprintf("%s.%d", []string{"198.51.100", "203.0.113", "192.0.2"}[i%3], 1+i%190)
				switch {
				case i%50 == 0:
					m.TLS(fmt.Sprintf("s%d.%s", i%3000, name), addr).Close()
				case i%3 == 0:
					m.Query(fmt.Sprintf("q%d.%s", i%5000, name), synth.TypeA)
				default:
					m.UDP(addr, uint16(1000+i%9000), "to whom it may concern")
				}
			}
		}
	}
	r.Standard(script(n*19/40, "dji.com")).LDM(script(n/20, "djiservice.org")).Standard(script(n*19/40, "example.com"))
	path, err := r.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// peak is how much the heap grows while do runs, bytes.
func peak(do func()) uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, most := stats.HeapAlloc, uint64(0)
	var done atomic.Bool
	over := make(chan struct{})
	go func() {
		defer close(over)
		for !done.Load() {
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
			time.Sleep(5 * time.Millisecond)
		}
	}()
	do()
	done.Store(true)
	<-over
	return most - min(before, most)
}

// TestCrowd makes the page of a recording with 100,000 flows: it is small, its
// memory is bounded, and it opens in a second.
func TestCrowd(t *testing.T) {
	flows, says := 100_000, []string{"There are too many flows to draw each", "are left out here", "A verdict names at most 1,000 flows"}
	if testing.Short() {
		flows, says = 5000, says[:1]
	}
	out := filepath.Join(t.TempDir(), "crowd.zip")
	sealTo(t, crowd(t, flows), out, policy.Options{Geo: geo(t)})
	b, err := evidence.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var text bytes.Buffer
	began := time.Now()
	grew := peak(func() {
		if err := Write(&text, b, "crowd.zip"); err != nil {
			t.Fatal(err)
		}
	})
	took := time.Since(began)
	t.Logf("page of %d flows: %d kB in %.1f s, heap grew by %d MB", flows, text.Len()/1000, took.Seconds(), grew>>20)
	if text.Len() > 5_000_000 {
		t.Errorf("the page has %d bytes", text.Len())
	}
	if grew > 200<<20 {
		t.Errorf("the heap grew by %d MB", grew>>20)
	}
	sound(t, text.String())
	for _, want := range says {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the page does not say: %s", want)
		}
	}
	opens(t, text.String())
}

// opens times how long Chromium takes to load and paint a page; the best of
// three, for others may be at work on this machine.
func opens(t *testing.T, text string) {
	b := pagetest.New(t, 1280, 900)
	best := 1e9
	for range 3 {
		b.Open(t, text)
		best = min(best, pagetest.Eval[float64](t, b, `new Promise(done => setTimeout(() => done(Math.max(performance.getEntriesByType("navigation")[0].loadEventEnd,
			...performance.getEntriesByType("paint").map(e => e.startTime))), 500))`))
	}
	t.Logf("the page loads and paints in %.0f ms", best)
	if best > 1000 {
		t.Errorf("the page takes %.0f ms to open", best)
	}
	b.Keep(t, "crowd")
	b.Quiet(t)
}

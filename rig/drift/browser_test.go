package drift_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium finds the browser: Debian's wrapper needs a home that is writable,
// the program itself does not.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("Chromium is not here (Debian package chromium; .ci/tools installs it): pages are not opened")
	return ""
}

// TestBrowser opens the page as people do: light, dark, on a phone. Nothing
// leaves it, the console stays empty, it does not scroll sideways, and axe-core
// has nothing to complain of.
func TestBrowser(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(example(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, view := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"light", 1280, 900, "light"}, {"dark", 1280, 900, "dark"}, {"phone", 400, 800, "light"}} {
		t.Run(view.name, func(t *testing.T) {
			ctx, noise := tab(t)
			call(t, ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: view.width, Height: view.height, DeviceScaleFactor: 1, Mobile: view.width < 600})
			call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "screen", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}}})
			run(t, ctx, chromedp.Navigate("file://"+file))
			run(t, ctx, chromedp.Evaluate[bool](`document.querySelectorAll("details").forEach(d => d.open = true), true`))
			if wide := run(t, ctx, chromedp.Evaluate[[]string](beyond)); len(wide) > 0 {
				t.Errorf("the page is wider than a screen of %d px: %q", view.width, wide)
			}
			if dir := os.Getenv("SPANRIG_OUT"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, "drift-"+view.name+".png"), run(t, ctx, chromedp.FullScreenshot(100)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if list := noise(); len(list) > 0 {
				t.Errorf("the page asks or complains: %q", list)
			}
			accessible(t, ctx)
		})
	}
}

// beyond lists what makes the page wider than the screen.
const beyond = `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
	[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.tagName + "." + e.className)`

// tab starts Chromium with all that would talk to somebody switched off. noise
// lists the requests that left the page and what the console has.
func tab(t *testing.T) (ctx context.Context, noise func() []string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, end := chromedp.NewContext(ctx)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { cancel(); end(); stop() })
	var mu sync.Mutex
	var list []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Type != network.ResourceTypeDocument || !strings.HasPrefix(e.Request.URL, "file:///") {
				list = append(list, "request "+e.Request.URL)
			}
		case *runtime.EventConsoleAPICalled:
			list = append(list, fmt.Sprintf("console.%s", e.Type))
		case *runtime.EventExceptionThrown:
			list = append(list, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			list = append(list, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
		}
	})
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	call(t, ctx, network.Enable, network.EnableParams{})
	call(t, ctx, log.Enable, struct{}{})
	call(t, ctx, runtime.Enable, struct{}{})
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

// accessible runs axe-core on the page that is open.
func accessible(t *testing.T, ctx context.Context) {
	t.Helper()
	path := os.Getenv("SPANRIG_AXE")
	if path == "" {
		path = filepath.Join(os.TempDir(), "spanrig-axe-4.14.1", "axe.min.js")
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("axe-core is not here (%v; .ci/axe fetches it with npm): accessibility is not checked", err)
	}
	run(t, ctx, chromedp.Evaluate[chromedp.Void](string(script)))
	text := run(t, ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	var list []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML string }
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if v.Impact != "minor" {
			t.Errorf("axe finds %s (%s): %s\n%.400s", v.ID, v.Impact, v.Help, v.Nodes[0].HTML)
		}
	}
}

// call runs one command of the protocol.
func call[P, R any](t testing.TB, ctx context.Context, command cdp.Command[P, R], params P) R {
	t.Helper()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// run runs an action.
func run[T any](t testing.TB, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

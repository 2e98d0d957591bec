package report

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
	pages "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a tab of Chromium that notes what a page should never do.
type browser struct {
	ctx context.Context

	mu       sync.Mutex
	requests []string // other than for the page itself
	console  []string
	dialogs  []string
}

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

// newBrowser starts Chromium with all that would talk to somebody switched off.
func newBrowser(t testing.TB, width, height int) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-features", "OptimizationHints,Translate,MediaRouter"))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, end := chromedp.NewContext(ctx)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { cancel(); end(); stop() })
	b := &browser{ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	call(t, b, network.Enable, network.EnableParams{})
	call(t, b, log.Enable, struct{}{})
	call(t, b, runtime.Enable, struct{}{})
	call(t, b, pages.Enable, pages.EnableParams{})
	call(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height), DeviceScaleFactor: 1, Mobile: width < 600})
	return b
}

// call runs one command of the protocol.
func call[P, R any](t testing.TB, b *browser, command cdp.Command[P, R], params P) R {
	t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, "file:///") && !strings.HasPrefix(u, "data:image/") || e.Type != network.ResourceTypeDocument && strings.HasPrefix(u, "file:") {
			b.requests = append(b.requests, u)
		}
	case *runtime.EventConsoleAPICalled:
		b.console = append(b.console, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.console = append(b.console, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	case *pages.EventJavascriptDialogOpening:
		b.dialogs = append(b.dialogs, e.Message)
		go func() {
			_, _ = chromedp.Call(b.ctx, pages.HandleJavaScriptDialog, pages.HandleJavaScriptDialogParams{})
		}()
	}
}

// quiet holds what the page did against what it may do: nothing.
func (b *browser) quiet(t testing.TB) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) > 0 {
		t.Errorf("requests left the page: %q", b.requests)
	}
	if len(b.console) > 0 {
		t.Errorf("the console has: %q", b.console)
	}
	if len(b.dialogs) > 0 {
		t.Errorf("the page opened dialogs: %q", b.dialogs)
	}
}

// run runs an action.
func run[T any](t testing.TB, b *browser, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// open loads a page from a file.
func (b *browser) open(t testing.TB, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, b, chromedp.Navigate("file://"+file))
}

// eval evaluates an expression in the page.
func eval[T any](t testing.TB, b *browser, expression string) T {
	t.Helper()
	return run(t, b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// media is what a page is shown on.
func (b *browser) media(t testing.TB, kind string, features ...string) {
	t.Helper()
	var list []*emulation.MediaFeature
	for _, f := range features {
		name, value, _ := strings.Cut(f, "=")
		list = append(list, &emulation.MediaFeature{Name: name, Value: value})
	}
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: list})
}

// keep leaves a picture of the page in SPANRIG_OUT, for a person to look at.
func (b *browser) keep(t testing.TB, name string) {
	t.Helper()
	dir := os.Getenv("SPANRIG_OUT")
	if dir == "" {
		return
	}
	picture := run(t, b, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// axeFile is where .ci/axe puts the script.
func axeFile() string {
	if path := os.Getenv("SPANRIG_AXE"); path != "" {
		return path
	}
	return filepath.Join(os.TempDir(), "spanrig-axe-4.14.1", "axe.min.js")
}

type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// accessible runs axe-core on the page that is open. The page's own policy
// forbids scripts, so it is set aside for this.
func (b *browser) accessible(t testing.TB, name string) {
	t.Helper()
	script, err := os.ReadFile(axeFile())
	if err != nil {
		t.Skipf("axe-core is not here (%v; .ci/axe fetches it): accessibility is not checked", err)
	}
	run(t, b, chromedp.Evaluate[chromedp.Void](string(script)))
	text := run(t, b, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	var list []violation
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		example := ""
		if len(v.Nodes) > 0 {
			example = v.Nodes[0].HTML + "\n" + v.Nodes[0].FailureSummary
		}
		if v.Impact == "serious" || v.Impact == "critical" || v.Impact == "moderate" {
			t.Errorf("%s: axe finds %s (%s, %d places): %s\n%.600s", name, v.ID, v.Impact, len(v.Nodes), v.Help, example)
		} else {
			t.Logf("%s: axe remarks %s (%s): %s\n%.300s", name, v.ID, v.Impact, v.Help, example)
		}
	}
}

package pagetest

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

// Browser is a tab of Chromium that notes what a page should never do.
type Browser struct {
	Ctx context.Context

	mu       sync.Mutex
	requests []string // other than for the page itself
	console  []string
	dialogs  []string
}

// chromium finds the browser: Debian's wrapper needs a home that is writable,
// the program itself does not.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"/usr/lib/chromium/chromium", "chromium", "chromium-Browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("Chromium is not here (Debian package chromium; .ci/tools installs it): pages are not opened")
	return ""
}

// New starts Chromium with all that would talk to somebody switched off.
func New(t testing.TB, width, height int) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-features", "OptimizationHints,Translate,MediaRouter"))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, end := chromedp.NewContext(ctx)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { cancel(); end(); stop() })
	b := &Browser{Ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	Call(t, b, network.Enable, network.EnableParams{})
	Call(t, b, log.Enable, struct{}{})
	Call(t, b, runtime.Enable, struct{}{})
	Call(t, b, pages.Enable, pages.EnableParams{})
	Call(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height), DeviceScaleFactor: 1, Mobile: width < 600})
	return b
}

// Call runs one command of the protocol.
func Call[P, R any](t testing.TB, b *Browser, command cdp.Command[P, R], params P) R {
	t.Helper()
	result, err := chromedp.Call(b.Ctx, command, params)
	if err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (b *Browser) note(event any) {
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
			_, _ = chromedp.Call(b.Ctx, pages.HandleJavaScriptDialog, pages.HandleJavaScriptDialogParams{})
		}()
	}
}

// Quiet holds what the page did against what it may do: nothing.
func (b *Browser) Quiet(t testing.TB) {
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

// beyond lists what makes the page wider than the screen.
const beyond = `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
	[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.tagName + "." + e.className)`

// Narrow holds the page against the width of the screen.
func (b *Browser) Narrow(t testing.TB) {
	t.Helper()
	if wide := Eval[[]string](t, b, beyond); len(wide) > 0 {
		t.Errorf("the page is wider than the screen: %q", wide)
	}
}

// Run runs an action.
func Run[T any](t testing.TB, b *Browser, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(b.Ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Open loads a page from a file.
func (b *Browser) Open(t testing.TB, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	Run(t, b, chromedp.Navigate("file://"+file))
}

// Eval evaluates an expression in the page.
func Eval[T any](t testing.TB, b *Browser, expression string) T {
	t.Helper()
	return Run(t, b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Media is what a page is shown on.
func (b *Browser) Media(t testing.TB, kind string, features ...string) {
	t.Helper()
	var list []*emulation.MediaFeature
	for _, f := range features {
		name, value, _ := strings.Cut(f, "=")
		list = append(list, &emulation.MediaFeature{Name: name, Value: value})
	}
	Call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: list})
}

// Keep leaves a picture of the page in SPANRIG_OUT, for a person to look at.
func (b *Browser) Keep(t testing.TB, name string) {
	t.Helper()
	dir := os.Getenv("SPANRIG_OUT")
	if dir == "" {
		return
	}
	picture := Run(t, b, chromedp.FullScreenshot(100))
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

// Accessible runs axe-core on the page that is open. The page's own policy
// forbids scripts, so it is set aside for this.
func (b *Browser) Accessible(t testing.TB, name string) {
	t.Helper()
	script, err := os.ReadFile(axeFile())
	if err != nil {
		t.Skipf("axe-core is not here (%v; .ci/axe fetches it): accessibility is not checked", err)
	}
	Run(t, b, chromedp.Evaluate[chromedp.Void](string(script)))
	text := Run(t, b, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
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

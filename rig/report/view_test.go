package report

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/report/pagetest"
)

// example is the page of a trace with a broken promise.
func example(t testing.TB) string {
	t.Helper()
	return pageOf(t, seal(t, filepath.Join("..", "..", "fixtures", "traces", "rnm1-switched-off"), policy.Options{Geo: geo(t)}))
}

// TestBrowser opens a page in Chromium as people do: light, dark, on a phone.
// Nothing leaves it, the console stays empty, it does not scroll sideways, and
// axe-core has nothing to complain of.
func TestBrowser(t *testing.T) {
	text := example(t)
	for _, view := range []struct {
		name          string
		width, height int
		scheme        string
	}{{"light", 1280, 900, "light"}, {"dark", 1280, 900, "dark"}, {"phone", 400, 800, "light"}, {"phone-dark", 400, 800, "dark"}} {
		t.Run(view.name, func(t *testing.T) {
			b := pagetest.New(t, view.width, view.height)
			b.Media(t, "screen", "prefers-color-scheme="+view.scheme, "prefers-reduced-motion=reduce")
			b.Open(t, text)
			b.Narrow(t)
			if dark := pagetest.Eval[string](t, b, `getComputedStyle(document.body).backgroundColor`) == "rgb(20, 22, 26)"; dark != (view.scheme == "dark") {
				t.Errorf("dark is %v", dark)
			}
			b.Keep(t, "example-"+view.name)
			b.Quiet(t)
			pagetest.Eval[bool](t, b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
			b.Accessible(t, view.name)
		})
	}
}

// TestWithoutScript shows the page with JavaScript off: it is the same.
func TestWithoutScript(t *testing.T) {
	text := example(t)
	b := pagetest.New(t, 1280, 900)
	b.Open(t, text)
	with := pagetest.Run(t, b, chromedp.CaptureScreenshot())
	pagetest.Call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	pagetest.Run(t, b, chromedp.Reload())
	if without := pagetest.Run(t, b, chromedp.CaptureScreenshot()); !bytes.Equal(with, without) {
		t.Error("the page looks otherwise without JavaScript")
	}
	b.Quiet(t)
}

// stop is one stop of the Tab key.
type stop struct {
	Tag, Text, Outline string
	Seen               bool
}

// TestKeyboard goes through the page with the Tab key: every disclosure and
// every link gets the focus, in order, and shows it.
func TestKeyboard(t *testing.T) {
	b := pagetest.New(t, 1280, 900)
	b.Media(t, "screen", "prefers-reduced-motion=reduce")
	b.Open(t, example(t))
	want := pagetest.Eval[int](t, b, `[...document.querySelectorAll("a[href], summary")].filter(e => e.checkVisibility()).length`)
	summaries := pagetest.Eval[int](t, b, `[...document.querySelectorAll("summary")].filter(e => e.checkVisibility()).length`)
	seen, found, disclosures := map[string]bool{}, 0, 0
	for range 2 * want {
		pagetest.Run(t, b, chromedp.KeyEvent(kb.Tab))
		var s stop
		if err := json.Unmarshal([]byte(pagetest.Eval[string](t, b, focused)), &s); err != nil {
			t.Fatal(err)
		}
		if s.Tag == "BODY" {
			break
		}
		if seen[s.Text] {
			t.Fatalf("the focus came to %s %q twice", s.Tag, s.Text)
		}
		seen[s.Text] = true
		if !s.Seen || s.Outline == "none" || strings.HasPrefix(s.Outline, "0") {
			t.Errorf("the focus on %s %q does not show: outline %s, in view %v", s.Tag, s.Text, s.Outline, s.Seen)
		}
		switch s.Tag {
		case "SUMMARY":
			disclosures++
			fallthrough
		case "A":
			found++
		}
	}
	if found != want || disclosures != summaries {
		t.Errorf("Tab came to %d links and disclosures of %d, to %d disclosures of %d", found, want, disclosures, summaries)
	}
	// Enter opens and closes.
	pagetest.Run(t, b, chromedp.Evaluate[chromedp.Void](`document.querySelector("details.claim:not([open]) > summary").focus()`))
	pagetest.Run(t, b, chromedp.KeyEvent(kb.Enter))
	if !pagetest.Eval[bool](t, b, `document.activeElement.parentElement.open`) {
		t.Error("Enter does not open a disclosure")
	}
}

// focused describes the element with the focus; its path tells it from others.
const focused = `(() => {
	const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
	let path = "";
	for (let n = e; n && n.parentElement; n = n.parentElement) path = n.tagName + [...n.parentElement.children].indexOf(n) + " " + path;
	return JSON.stringify({Tag: e.tagName, Text: path + e.textContent.trim().slice(0, 40), Outline: s.outlineStyle === "none" ? "none" : s.outlineWidth,
		Seen: r.bottom > 0 && r.top < innerHeight && r.width > 0});
})()`

// TestPrint prints a page: what is folded on a screen stands open on paper.
func TestPrint(t *testing.T) {
	b := pagetest.New(t, 1280, 900)
	b.Media(t, "print")
	b.Open(t, example(t))
	if n := pagetest.Eval[int](t, b, `[...document.querySelectorAll("details:not([open]) > :not(summary)")].filter(e => e.getBoundingClientRect().height === 0).length`); n > 0 {
		t.Errorf("%d folded parts are not printed", n)
	}
	b.Media(t, "")
	pdf := pagetest.Run(t, b, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize()))
	if sheets := bytes.Count(pdf, []byte("/Type /Page\n")); !bytes.HasPrefix(pdf, []byte("%PDF")) || sheets < 3 || sheets > 40 {
		t.Errorf("a PDF of %d bytes and %d pages", len(pdf), sheets)
	}
	b.Quiet(t)
}

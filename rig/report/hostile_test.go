package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/report/pagetest"
)

// attacks are texts that would do something if a page let them.
var attacks = []string{
	`"><script>alert(1)</script>`, `</style><script>alert(2)</script>`, `</title><img src=x onerror=alert(3)>`, `'-alert(4)-'`, `javascript:alert(5)`,
	`</svg><svg onload=alert(6)>`, `{{.Title}}`, "<!--", "]]><b>", "a\u202egnp.exe", "a\x00b\x1b[31m", "\u200bhidden", `https://evil.example/"onmouseover="alert(7)`,
	`data:text/html,<script>alert(8)</script>`, `<a href="//evil.example">x</a>`, `\u003cscript\u003ealert(9)\u003c/script\u003e`, "line\nbreak", strings.Repeat("long ", 4000),
}

// poison puts attacks into every string below v, one after the other, but not
// into what a type of its own or the code reads: times, modes, results.
func poison(v reflect.Value, next func() string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			poison(v.Elem(), next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !spared[f.Name] {
				poison(v.Field(i), next)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poison(v.Index(i), next)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() {
			v.SetString(next())
		}
	}
}

var spared = map[string]bool{"From": true, "To": true, "Mode": true, "Claim": true, "Check": true, "Device": true, "Raw": true, "Entries": true, "Files": true, "Path": true, "ID": true}

// poisoned are the contents of a bundle with attacks in every text: verdicts,
// policy, inventory, journal, manifest, custody and flows.
func poisoned(t testing.TB) *contents {
	t.Helper()
	b := seal(t, filepath.Join("..", "..", "fixtures", "traces", "rnm1-switched-off"), policy.Options{Geo: geo(t)})
	c, err := open(b, attacks[0])
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	next := func() string { n++; return attacks[n%len(attacks)] }
	for _, v := range []any{c.verdict, c.policy, &c.rec.Inventory, c.rec.Windows, c.manifest, c.custody} {
		poison(reflect.ValueOf(v), next)
	}
	c.verdict.Notes = slices.Clone(attacks)
	for i := range c.policy.Claims {
		c.policy.Claims[i].Source = attacks[i%len(attacks)]
	}
	c.policy.Waivers = []policy.Waiver{{Claim: "RNM-1", Endpoint: attacks[0], Reason: attacks[1], Owner: attacks[2], Expires: time.Now()}}
	c.rec.Journal = journalOf(t, c.rec.Windows)
	flows := c.flows
	c.flows = func(yield func(*evidence.Flow, error) bool) {
		for f, err := range flows {
			if err == nil {
				poison(reflect.ValueOf(f), next)
				f.Device = "orig"
			}
			if !yield(f, err) {
				return
			}
		}
	}
	return c
}

// journalOf is a journal whose lines hold attacks, and name screens that are none.
func journalOf(t testing.TB, windows []rig.Window) *rig.Journal {
	t.Helper()
	var text bytes.Buffer
	w := rig.NewJournalWriter(&text)
	at := time.Unix(0, windows[0].From)
	write := func(kind string, keys map[string]any) {
		at = at.Add(time.Millisecond)
		if err := w.Append(at, 0, kind, keys); err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range attacks {
		write("mode", map[string]any{"window": windows[0].Name, "asked": a, "read": attacks[(i+1)%len(attacks)], "witness": a, "saw": a, "at": a})
		write("screen", map[string]any{"window": windows[0].Name, "at": a, "files": []string{a + ".png", "screens/x.png"}})
		write("stimulus", map[string]any{"window": windows[0].Name, "stimulus": a})
		write("problem", map[string]any{"window": a, "error": a})
		write("stats", map[string]any{"interface": a, "received": 9 * i, "dropped": i})
		write("routes", map[string]any{"captured": a, "interfaces": []map[string]any{{"name": a, "up": true, "default4": true}}})
	}
	j, err := rig.ParseJournal(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func renderText(t testing.TB, c *contents) string {
	t.Helper()
	var out bytes.Buffer
	if err := render(&out, c); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestHostile makes a page of a bundle that is full of attacks: they come out
// as text.
func TestHostile(t *testing.T) {
	text := renderText(t, poisoned(t))
	sound(t, strings.ReplaceAll(text, "ZgotmplZ", "")) // what html/template puts in the place of a bad URL is no URL
	for _, bad := range []string{"\u202e", "\u200b", "\x00", "\x1b", "<script", "]><b>", "<svg onload", `href="javascript`, `href="data:`, `href="//`} {
		if strings.Contains(strings.ToLower(text), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, want := range []string{"⟨U&#43;202E⟩", "⟨U&#43;0000⟩", "&lt;script&gt;alert(1)", "{{.Title}}", "bytes in all"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %q as text", want)
		}
	}
	if strings.Contains(text, "ZgotmplZ") {
		t.Error("a bad address became ZgotmplZ; it should be text")
	}
}

// TestHostileBrowser opens that page: nothing happens.
func TestHostileBrowser(t *testing.T) {
	b := pagetest.New(t, 1280, 900)
	b.Open(t, renderText(t, poisoned(t)))
	pagetest.Eval[bool](t, b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
	if got := pagetest.Eval[int](t, b, `document.querySelectorAll("script, iframe, object, embed, base, link, img:not([src^='data:image/'])").length`); got != 0 {
		t.Errorf("%d elements came out of the bundle", got)
	}
	if got := pagetest.Eval[int](t, b, `[...document.querySelectorAll("*")].filter(e => [...e.attributes].some(a => a.name.startsWith("on"))).length`); got != 0 {
		t.Errorf("%d elements have handlers", got)
	}
	b.Keep(t, "hostile")
	b.Quiet(t)
}

// TestPictures shows what may be named a screenshot and is none, and one that is.
func TestPictures(t *testing.T) {
	var good bytes.Buffer
	m := image.NewNRGBA(image.Rect(0, 0, 1920, 1080))
	for x := range 1920 {
		m.Set(x, 500, color.NRGBA{200, 10, 10, 255})
	}
	if err := png.Encode(&good, m); err != nil {
		t.Fatal(err)
	}
	huge := bytes.Clone(good.Bytes())
	copy(huge[16:24], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // width and height, checksum now wrong
	for name, file := range map[string]struct {
		content []byte
		shown   bool
	}{
		"good":      {good.Bytes(), true},
		"followed":  {append(bytes.Clone(good.Bytes()), "<script>alert(1)</script>"...), true},
		"script":    {[]byte("<script>alert(1)</script>"), false},
		"svg":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), false},
		"empty":     {nil, false},
		"cut":       {good.Bytes()[:len(good.Bytes())/2], false},
		"head only": {good.Bytes()[:33], false},
		"huge":      {huge, false},
	} {
		p := pictures{read: func(string) ([]byte, error) { return file.content, nil }, left: pictureBudget, work: pixelBudget, done: map[string]picture{}}
		got := p.show(name)
		if (got.Source != "") != file.shown || (got.Missing == "") != file.shown {
			t.Errorf("%s: shown %v, %q", name, got.Source != "", got.Missing)
		}
		if strings.Contains(string(got.Source), "PHNjcmlwdD4") {
			t.Errorf("%s: what follows the picture was passed through", name)
		}
		if file.shown && (got.Width != pictureWidth || got.Height != 1080*pictureWidth/1920) {
			t.Errorf("%s: %d by %d", name, got.Width, got.Height)
		}
	}
	p := pictures{read: func(string) ([]byte, error) { return good.Bytes(), nil }, left: 10, work: pixelBudget, done: map[string]picture{}}
	if got := p.show("late"); got.Missing != errNoRoom.Error() {
		t.Errorf("without room: %q", got.Missing)
	}
	p.read = func(string) ([]byte, error) { return nil, os.ErrNotExist }
	if got := p.show("../../etc/passwd.png"); got.Source != "" {
		t.Error("a file that is not in the bundle is shown")
	}
}

// TestChanged makes no page of a bundle in which a file was changed by itself.
func TestChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bundle")
	sealTo(t, filepath.Join("..", "..", "fixtures", "traces", "clean-ldm"), dir, policy.Options{})
	name := filepath.Join(dir, evidence.VerdictsName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, bytes.Replace(text, []byte(`"pass"`), []byte(`"fail"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := Write(&bytes.Buffer{}, b, "bundle"); err == nil || !strings.Contains(err.Error(), evidence.VerdictsName) {
		t.Errorf("error %v", err)
	}
}

// FuzzClean holds what clean gives against what it promises.
func FuzzClean(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if strings.ContainsAny(got, "\x00\x1b\n\r\t\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff") || len(got) > 12*longest {
			t.Errorf("%q became %q", s, got)
		}
		if clean(got) != got && len(got) <= longest {
			t.Errorf("%q is not clean after once: %q", s, got)
		}
	})
}

// TestHostileWire makes a page of a capture whose server names, hosts and
// questions are attacks.
func TestHostileWire(t *testing.T) {
	r := synth.New("hostile").Standard(func(w *synth.Window) {
		for i, a := range attacks[:len(attacks)-1] {
			m := w.At(time.Duration(2+i) * time.Second)
			m.Hello("203.0.113.9", 443, synth.Hello{SNI: a}).Close()
			m.Connect("203.0.113.10", 80).Send(synth.HTTPRequest("GET", a, "/"+a, "", "User-Agent: "+a)).Reply(synth.HTTPResponse("200 OK", "")).Close()
		}
	})
	path, err := r.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text := pageOf(t, seal(t, path, policy.Options{Geo: geo(t)}))
	sound(t, text)
	for _, bad := range []string{"<script", "<img src=x", "\u202e", "\x1b"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(text, "&lt;script&gt;") {
		t.Error("no attack came as far as the page: the test tests nothing")
	}
}

package report

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/spanrig/spanrig/rig/policy"
)

// traces are the recordings of the repository.
func traces(t testing.TB) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "traces", "*", "windows.json"))
	if err != nil || len(list) == 0 {
		t.Fatal("no traces", err)
	}
	for i := range list {
		list[i] = filepath.Dir(list[i])
	}
	return list
}

// TestTraces makes the page of every trace of the repository and holds it
// against the rules of every page.
func TestTraces(t *testing.T) {
	for _, dir := range traces(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			b := seal(t, dir, policy.Options{Geo: geo(t)})
			text := pageOf(t, b)
			sound(t, text)
			r, err := b.Report()
			if err != nil {
				t.Fatal(err)
			}
			if at := miscounted.FindString(text); at != "" {
				t.Errorf("the page says %q", at)
			}
			for i := range r.Verdicts {
				if v := &r.Verdicts[i]; !strings.Contains(text, html.EscapeString(v.Because)) {
					t.Errorf("the page does not say of %s in %s: %s", v.Claim, v.Window, v.Because)
				}
			}
			for _, n := range r.NotJudged {
				if !strings.Contains(text, html.EscapeString(n.Reason)) {
					t.Errorf("the page does not say why %s was not judged: %s", n.Claim, n.Reason)
				}
			}
		})
	}
}

var miscounted = regexp.MustCompile(`[^0-9,.]1 (flows|windows|files|frames|entries|queries)\b`)

// TestBare makes the page of a capture alone.
func TestBare(t *testing.T) {
	text := pageOf(t, seal(t, filepath.Join("..", "..", "fixtures", "traces", "ldm1-tls", "capture.pcapng"), policy.Options{Mode: "ldm"}))
	sound(t, text)
	for _, want := range []string{"This recording has no journal", "No database of countries", "no pictures of the screen"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say: %s", want)
		}
	}
}

// TestDeterminism makes a page twice.
func TestDeterminism(t *testing.T) {
	b := seal(t, filepath.Join("..", "..", "fixtures", "traces", "rnm1-switched-off"), policy.Options{Geo: geo(t)})
	if pageOf(t, b) != pageOf(t, b) {
		t.Error("two pages of one bundle differ")
	}
}

// sound holds a page against what every page has to be: self-contained, without
// script or style attributes, with an order of headings, headed and captioned
// tables, described drawings, unique ids and links that lead somewhere.
func sound(t *testing.T, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s := &soundness{t: t, ids: map[string]bool{}}
	walk(root, s.element)
	for _, to := range s.links {
		if !s.ids[to] {
			t.Errorf("a link leads to #%s, which is not there", to)
		}
	}
	words := strings.ToLower(text)
	for _, bad := range []string{"complies", "compliant", "complied", "zgotmplz", "%!"} {
		if strings.Contains(words, bad) {
			t.Errorf("the page says %q", bad)
		}
	}
}

// soundness is what has been seen of a page.
type soundness struct {
	t     *testing.T
	ids   map[string]bool
	links []string // to ids
	level int      // of the last heading
}

// active elements load or run something.
var active = []string{"script", "iframe", "object", "embed", "link", "base", "form", "audio", "video", "foreignobject"}

func (s *soundness) element(n *html.Node) {
	if slices.Contains(active, strings.ToLower(n.Data)) {
		s.t.Errorf("the page has an element %s", n.Data)
	}
	for _, a := range n.Attr {
		s.attribute(n.Data, strings.ToLower(a.Key), a.Val)
	}
	switch n.Data {
	case "h1", "h2", "h3", "h4":
		now := int(n.Data[1] - '0')
		if now > s.level+1 {
			s.t.Errorf("heading %s follows one of level %d", n.Data, s.level)
		}
		s.level = now
	case "table":
		if child(n, "caption") == nil {
			s.t.Error("a table has no caption")
		}
	case "th":
		if attr(n, "scope") == "" {
			s.t.Error("a th has no scope")
		}
	case "img":
		if attr(n, "alt") == "" {
			s.t.Error("a picture has no text")
		}
	case "svg":
		if attr(n, "aria-hidden") != "true" && (child(n, "title") == nil || child(n, "desc") == nil) {
			s.t.Error("a drawing has no title or description")
		}
	}
}

func (s *soundness) attribute(element, key, value string) {
	switch {
	case strings.HasPrefix(key, "on") || key == "style":
		s.t.Errorf("%s has an attribute %s=%q", element, key, value)
	case key == "id" && s.ids[value]:
		s.t.Errorf("id %q is there twice", value)
	case key == "id":
		s.ids[value] = true
	case key == "href" && strings.HasPrefix(value, "#"):
		s.links = append(s.links, value[1:])
	case key == "href" && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://"):
		s.t.Errorf("%s leads to %q", element, value)
	case key == "src" && !strings.HasPrefix(value, "data:image/png;base64,") && !strings.HasPrefix(value, "data:image/jpeg;base64,"):
		s.t.Errorf("%s loads %.60q", element, value)
	}
}

func walk(n *html.Node, see func(*html.Node)) {
	if n.Type == html.ElementNode {
		see(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, see)
	}
}

func child(n *html.Node, name string) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data == name {
			return c
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// TestPlaces holds the evidence of a destination against what the capture shows.
func TestPlaces(t *testing.T) {
	text := pageOf(t, seal(t, filepath.Join("..", "..", "fixtures", "traces", "ldm1-tls"), policy.Options{Geo: geo(t)}))
	for _, want := range []string{"<b>SNI</b> flow", "<b>DNS</b> flow", "<b>database</b> US by country.mmdb and country-second.mmdb", "<b>RTT</b> 6.0 ms, flow", "from US: too near for another continent"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
}

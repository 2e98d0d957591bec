package screen

import (
	"bytes"
	"encoding/xml"
	"image"
	"strings"
	"testing"
)

func sample() *Page {
	p := &Page{Package: "com.example.app", Title: "Home", Bar: []Widget{{Kind: Button, ID: "privacy", Text: "Data and Privacy"}}}
	for _, s := range []string{"Map", "Fly Safe Zones", "Firmware Update", "RTK", "Account", "Live Stream", "Cloud Service", "Health", "Logs", "Records"} {
		p.Rows = append(p.Rows, Widget{Kind: Tile, Text: s})
	}
	return p
}

type dumped struct {
	Text      string   `xml:"text,attr"`
	ID        string   `xml:"resource-id,attr"`
	Class     string   `xml:"class,attr"`
	Checkable bool     `xml:"checkable,attr"`
	Checked   bool     `xml:"checked,attr"`
	Password  bool     `xml:"password,attr"`
	Bounds    string   `xml:"bounds,attr"`
	Nodes     []dumped `xml:"node"`
}

func dump(t *testing.T, v *View) (texts []string, all map[string]dumped) {
	t.Helper()
	var b bytes.Buffer
	if err := v.WriteXML(&b); err != nil {
		t.Fatal(err)
	}
	var h struct {
		XMLName  xml.Name `xml:"hierarchy"`
		Rotation string   `xml:"rotation,attr"`
		Nodes    []dumped `xml:"node"`
	}
	if err := xml.Unmarshal(b.Bytes(), &h); err != nil {
		t.Fatalf("%v in %s", err, b.Bytes())
	}
	all = map[string]dumped{}
	var walk func([]dumped)
	walk = func(list []dumped) {
		for _, n := range list {
			if n.Text != "" {
				texts = append(texts, n.Text)
				all[n.Text] = n
			}
			walk(n.Nodes)
		}
	}
	walk(h.Nodes)
	return texts, all
}

func TestScroll(t *testing.T) {
	v := Layout(sample(), 0)
	texts, _ := dump(t, v)
	if got := strings.Join(texts, ","); !strings.Contains(got, "Home,Data and Privacy,Map") || strings.Contains(got, "Records") {
		t.Errorf("at the top: %s", got)
	}
	if v.limit <= 0 {
		t.Fatal("nothing to scroll")
	}
	v = Layout(sample(), 1<<20)
	texts, _ = dump(t, v)
	if got := strings.Join(texts, ","); !strings.Contains(got, "Records") || !strings.Contains(got, "Data and Privacy") || strings.Contains(got, "Map") {
		t.Errorf("at the end: %s", got)
	}
	if v.Scroll() != v.limit {
		t.Errorf("scrolled to %d of %d", v.Scroll(), v.limit)
	}
	if v := Layout(sample(), -5); v.Scroll() != 0 {
		t.Errorf("scrolled to %d", v.Scroll())
	}
}

func TestHit(t *testing.T) {
	p, pressed := sample(), ""
	for i := range p.Rows {
		p.Rows[i].Tap = func() { pressed = p.Rows[i].Text }
	}
	p.Bar[0].Tap = func() { pressed = "bar" }
	v := Layout(p, 0)
	v.Root.walk(func(n *Node) {
		if !n.Clickable {
			return
		}
		middle := n.Bounds.Min.Add(n.Bounds.Max).Div(2)
		hit := v.Hit(middle)
		if hit == nil {
			t.Fatalf("nothing at %v", middle)
		}
		hit.Tap()
		if want := n.Text; pressed != want && (want != "Data and Privacy" || pressed != "bar") {
			t.Errorf("pressed %s, wanted %s", pressed, want)
		}
	})
	if n := v.Hit(image.Pt(200, 70)); n != nil {
		t.Errorf("the title is %q to press", n.Text)
	}
}

func TestDialogHidesThePage(t *testing.T) {
	p := sample()
	p.Dialog = &Dialog{Title: "Enter password", Text: "a < b & \"c\"\x01", Fields: []Widget{{Kind: Field, ID: "password", Text: "Password", Value: "secret", Secret: true}},
		Buttons: []Widget{{Kind: Button, Text: "Cancel"}, {Kind: Button, Text: "OK"}}}
	texts, all := dump(t, Layout(p, 0))
	if got := strings.Join(texts, ","); got != "Enter password,a < b & \"c\".,••••••,Cancel,OK" {
		t.Errorf("dialog: %s", got)
	}
	field := all["••••••"]
	if field.ID != "com.example.app:id/password" || field.Class != "android.widget.EditText" || !field.Password {
		t.Errorf("field: %+v", field)
	}
}

func TestChecked(t *testing.T) {
	p := &Page{Package: "p", Title: "Mode", Rows: []Widget{{Kind: Radio, ID: "a", Text: "A"}, {Kind: Radio, ID: "b", Text: "B", On: true}, {Kind: Switch, Text: "C", On: true}, {Kind: Label, Text: "D"}}}
	_, all := dump(t, Layout(p, 0))
	for text, want := range map[string][2]bool{"A": {true, false}, "B": {true, true}, "C": {true, true}, "D": {false, false}} {
		if n := all[text]; n.Checkable != want[0] || n.Checked != want[1] {
			t.Errorf("%s: checkable %t, checked %t", text, n.Checkable, n.Checked)
		}
	}
}

func TestDraw(t *testing.T) {
	p := sample()
	img := Layout(p, 0).Draw()
	if img.Bounds().Size() != Size {
		t.Fatalf("%v", img.Bounds())
	}
	colours := map[any]bool{}
	for y := 0; y < Size.Y; y += 3 {
		for x := 0; x < Size.X; x += 3 {
			colours[img.RGBAAt(x, y)] = true
		}
	}
	if len(colours) < 20 {
		t.Errorf("%d colours: no text?", len(colours))
	}
	if bytes.Equal(img.Pix, Layout(p, 300).Draw().Pix) {
		t.Error("scrolling changes nothing")
	}
	if Blank().RGBAAt(9, 9) != Blank().RGBAAt(900, 900) {
		t.Error("blank is not")
	}
}

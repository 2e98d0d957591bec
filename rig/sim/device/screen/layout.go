package screen

import (
	"image"
)

// Size of the display: that of an RC Pro, held wide.
var Size = image.Pt(1920, 1080)

// Sizes of what is on it.
const (
	barHeight    = 140
	rowHeight    = 132
	tileHeight   = 300
	tilesAcross  = 3
	margin       = 40
	buttonWidth  = 320
	buttonHeight = 100
	dialogWidth  = 1100
)

// View is a page with everything in its place.
type View struct {
	Root   *Node
	page   *Page
	scroll int // how far the rows are moved up
	limit  int // how far they can be
}

// Node is an element of the hierarchy.
type Node struct {
	Class     string // of Android
	ID        string // resource id, whole; may be empty
	Text      string
	Bounds    image.Rectangle // what can be seen of it
	Checkable bool
	Checked   bool
	Clickable bool
	Scrolls   bool
	Focused   bool
	Secret    bool
	Kids      []*Node

	full   image.Rectangle // where it is, seen or not
	widget *Widget         // that it is made of; nil for frames and text
	kind   string          // how it is painted where it has no widget
}

// Tap presses the node.
func (n *Node) Tap() {
	if n.widget != nil && n.widget.Tap != nil {
		n.widget.Tap()
	}
}

// Layout places a page whose rows are scrolled up by some pixels; more than
// there are is as far as they go.
func Layout(p *Page, scroll int) *View {
	v := &View{page: p}
	whole := image.Rectangle{Max: Size}
	v.Root = &Node{Class: "android.widget.FrameLayout", Bounds: whole, full: whole}
	content := &Node{Class: "android.widget.FrameLayout", ID: "android:id/content", Bounds: whole, full: whole}
	v.Root.Kids = []*Node{content}
	if p.Dialog != nil {
		content.Kids = []*Node{v.dialog()}
		return v
	}
	if p.Title != "" || len(p.Bar) > 0 {
		content.Kids = append(content.Kids, v.bar())
	}
	if len(p.Rows) > 0 {
		content.Kids = append(content.Kids, v.list(scroll))
	}
	return v
}

// Scroll is how far the rows are scrolled up.
func (v *View) Scroll() int { return v.scroll }

func (v *View) id(name string) string {
	if name == "" {
		return ""
	}
	return v.page.Package + ":id/" + name
}

func (v *View) bar() *Node {
	r := image.Rect(0, 0, Size.X, barHeight)
	bar := &Node{Class: "android.widget.RelativeLayout", ID: v.id("title_bar"), Bounds: r, full: r, kind: "bar"}
	t := image.Rect(margin, 0, Size.X/2, barHeight)
	bar.Kids = append(bar.Kids, &Node{Class: "android.widget.TextView", ID: v.id("title"), Text: v.page.Title, Bounds: t, full: t, kind: "title"})
	x := Size.X - margin
	for i := range v.page.Bar {
		w := &v.page.Bar[i]
		width := max(buttonWidth, textWidth(w.Text)+2*margin)
		bar.Kids = append(bar.Kids, v.node(w, image.Rect(x-width, 20, x, barHeight-20), r))
		x -= width + margin/2
	}
	return bar
}

// list places the rows in what the title bar leaves.
func (v *View) list(scroll int) *Node {
	port := image.Rect(0, barHeight, Size.X, Size.Y)
	list := &Node{Class: "androidx.recyclerview.widget.RecyclerView", ID: v.id("list"), Bounds: port, full: port}
	places, height := places(v.page.Rows)
	v.limit = max(0, height-port.Dy())
	v.scroll = min(max(0, scroll), v.limit)
	list.Scrolls = v.limit > 0
	for i := range v.page.Rows {
		at := places[i].Add(image.Pt(0, barHeight-v.scroll))
		if at.Intersect(port).Dy() > at.Dy()/4 { // less can hardly be read
			list.Kids = append(list.Kids, v.node(&v.page.Rows[i], at, port))
		}
	}
	return list
}

// places returns where rows are on a paper without end, and how long it is.
func places(rows []Widget) (list []image.Rectangle, height int) {
	column := 0
	for i := range rows {
		if rows[i].Kind != Tile {
			list = append(list, image.Rect(0, height, Size.X, height+rowHeight))
			height += rowHeight
			continue
		}
		width := (Size.X - margin) / tilesAcross
		x := margin/2 + column*width
		list = append(list, image.Rect(x+margin/2, height+margin/2, x+width-margin/2, height+tileHeight-margin/2))
		if column++; column == tilesAcross || i+1 == len(rows) || rows[i+1].Kind != Tile {
			column = 0
			height += tileHeight
		}
	}
	return list, height
}

func (v *View) dialog() *Node {
	d := v.page.Dialog
	height := 2*rowHeight + len(d.Fields)*rowHeight + buttonHeight + 2*margin
	at := image.Rect(0, 0, dialogWidth, height).Add(image.Pt((Size.X-dialogWidth)/2, (Size.Y-height)/2))
	box := &Node{Class: "android.widget.LinearLayout", ID: v.id("dialog"), Bounds: at, full: at, kind: "dialog"}
	line := image.Rect(at.Min.X+margin, at.Min.Y+margin/2, at.Max.X-margin, at.Min.Y+margin/2+rowHeight)
	box.Kids = append(box.Kids, &Node{Class: "android.widget.TextView", ID: v.id("dialog_title"), Text: d.Title, Bounds: line, full: line, kind: "dialog title"})
	line = line.Add(image.Pt(0, rowHeight))
	if d.Text != "" {
		box.Kids = append(box.Kids, &Node{Class: "android.widget.TextView", ID: v.id("dialog_message"), Text: d.Text, Bounds: line, full: line, kind: "text"})
	}
	for i := range d.Fields {
		line = line.Add(image.Pt(0, rowHeight))
		box.Kids = append(box.Kids, v.node(&d.Fields[i], line.Inset(8), at))
	}
	x := at.Max.X - len(d.Buttons)*(buttonWidth+margin)
	for i := range d.Buttons {
		r := image.Rect(x, at.Max.Y-margin-buttonHeight, x+buttonWidth, at.Max.Y-margin)
		box.Kids = append(box.Kids, v.node(&d.Buttons[i], r, at))
		x += buttonWidth + margin
	}
	return box
}

var classes = map[Kind]string{
	Label: "android.widget.TextView", Button: "android.widget.Button", Row: "android.widget.TextView", Tile: "android.widget.TextView",
	Radio: "android.widget.RadioButton", Switch: "android.widget.Switch", Field: "android.widget.EditText",
}

func (v *View) node(w *Widget, at, port image.Rectangle) *Node {
	return &Node{
		Class: classes[w.Kind], ID: v.id(w.ID), Text: w.shown(), Bounds: at.Intersect(port), full: at, widget: w,
		Checkable: w.Kind == Radio || w.Kind == Switch, Checked: w.On, Clickable: w.Kind != Label,
		Focused: w.Focused, Secret: w.Secret,
	}
}

// Hit returns what a finger at p presses; nil where there is nothing to press.
func (v *View) Hit(p image.Point) *Node {
	var hit *Node
	v.Root.walk(func(n *Node) {
		if n.Clickable && p.In(n.Bounds) {
			hit = n
		}
	})
	return hit
}

// walk visits the node and all below it, in the order in which they are painted.
func (n *Node) walk(f func(*Node)) {
	f(n)
	for _, k := range n.Kids {
		k.walk(f)
	}
}

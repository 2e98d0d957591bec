package android

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"strconv"
)

// Hierarchy is what is on the screen.
type Hierarchy struct {
	Rotation int     // of the screen, in quarter turns
	Nodes    []*Node // the windows' roots
}

// Node is one view.
type Node struct {
	Text, ResourceID, Class, Package, Description              string
	Checkable, Checked, Clickable, Enabled, Focusable, Focused bool
	Scrollable, LongClickable, Password, Selected              bool
	Bounds                                                     image.Rectangle // in pixels of the screen
	Children                                                   []*Node
}

// Center is where to tap a node.
func (n *Node) Center() image.Point { return n.Bounds.Min.Add(n.Bounds.Max).Div(2) }

// All gives every node, parents before children, as they are drawn.
func (h *Hierarchy) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { walk(h.Nodes, yield) }
}

func walk(nodes []*Node, yield func(*Node) bool) bool {
	for _, n := range nodes {
		if !yield(n) || !walk(n.Children, yield) {
			return false
		}
	}
	return true
}

// More than these is no screen.
const (
	depthMax = 256
	nodesMax = 100_000
)

// ParseHierarchy reads the file of "uiautomator dump" (AOSP
// AccessibilityNodeInfoDumper): a tree of <node .../> in one <hierarchy>.
func ParseHierarchy(text []byte) (*Hierarchy, error) {
	h, err := parseHierarchy(xml.NewDecoder(bytes.NewReader(legalXML(text))))
	if err != nil {
		return nil, fmt.Errorf("uiautomator dump: %w", err)
	}
	return h, nil
}

func parseHierarchy(d *xml.Decoder) (*Hierarchy, error) {
	var h *Hierarchy
	root := new(Node)
	open := []*Node{root} // those whose children come
	count, whole := 0, false
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && whole:
			h.Nodes = root.Children
			return h, nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("the tree has no end")
		case err != nil:
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch {
			case whole, h == nil != (token.Name.Local == "hierarchy"), h != nil && token.Name.Local != "node":
				return nil, fmt.Errorf("<%s> where it does not belong", token.Name.Local)
			case h == nil:
				h = &Hierarchy{Rotation: rotation(token.Attr)}
				continue
			case len(open) > depthMax || count >= nodesMax:
				return nil, errors.New("the tree is too large for a screen")
			}
			n, err := parseNode(token.Attr)
			if err != nil {
				return nil, err
			}
			count++
			parent := open[len(open)-1]
			parent.Children = append(parent.Children, n)
			open = append(open, n)
		case xml.EndElement:
			whole = len(open) == 1
			open = open[:max(1, len(open)-1)]
		}
	}
}

func rotation(attrs []xml.Attr) int {
	for _, a := range attrs {
		if a.Name.Local == "rotation" {
			n, _ := strconv.Atoi(a.Value) // 0 where it is no number: upright
			return n
		}
	}
	return 0
}

func parseNode(attrs []xml.Attr) (*Node, error) {
	n := new(Node)
	texts := map[string]*string{"text": &n.Text, "resource-id": &n.ResourceID, "class": &n.Class, "package": &n.Package, "content-desc": &n.Description}
	flags := map[string]*bool{"checkable": &n.Checkable, "checked": &n.Checked, "clickable": &n.Clickable, "enabled": &n.Enabled,
		"focusable": &n.Focusable, "focused": &n.Focused, "scrollable": &n.Scrollable, "long-clickable": &n.LongClickable,
		"password": &n.Password, "selected": &n.Selected}
	bounded := false
	for _, a := range attrs {
		if s := texts[a.Name.Local]; s != nil {
			*s = a.Value
		}
		if f := flags[a.Name.Local]; f != nil {
			*f = a.Value == "true"
		}
		if a.Name.Local == "bounds" {
			var err error
			if n.Bounds, err = parseBounds(a.Value); err != nil {
				return nil, err
			}
			bounded = true
		}
	}
	if !bounded {
		return nil, fmt.Errorf("a node %q without bounds", n.ResourceID)
	}
	return n, nil
}

// parseBounds reads "[left,top][right,bottom]".
func parseBounds(s string) (image.Rectangle, error) {
	var r image.Rectangle
	n, err := fmt.Sscanf(s, "[%d,%d][%d,%d]", &r.Min.X, &r.Min.Y, &r.Max.X, &r.Max.Y)
	if err != nil || n != 4 {
		return image.Rectangle{}, fmt.Errorf("bounds %q", s)
	}
	for _, v := range []int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y} {
		if v < -1<<20 || v > 1<<20 {
			return image.Rectangle{}, fmt.Errorf("bounds %q are off any screen", s)
		}
	}
	return r, nil
}

package controller

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// node is a view on the screen, with what is around it.
type node struct {
	*android.Node
	parent *node
	kids   []*node
}

// tree puts the windows of a hierarchy under one node.
func tree(h *android.Hierarchy) *node {
	root := &android.Node{Children: h.Nodes}
	for _, window := range h.Nodes {
		root.Bounds = root.Bounds.Union(window.Bounds)
	}
	return grow(root, nil)
}

func grow(v *android.Node, parent *node) *node {
	n := &node{Node: v, parent: parent}
	for _, kid := range v.Children {
		n.kids = append(n.kids, grow(kid, n))
	}
	return n
}

// walk visits n and all below it, in the order of the hierarchy.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, kid := range n.kids {
		kid.walk(visit)
	}
}

// find returns the node that the selector means; nil where none is on the screen.
func (n *node) find(s *Selector) *node {
	match := func(m *node) bool { return len(s.Text) == 0 && s.Password || m.says(s.Text) }
	if s.ID != "" && n.has(func(m *node) bool { return m.ResourceID == s.ID }) {
		match = func(m *node) bool { return m.ResourceID == s.ID }
	}
	var first, tappable *node
	n.walk(func(m *node) {
		if m.Bounds.Empty() || !match(m) || !m.fits(s) {
			return
		}
		if first == nil {
			first = m
		}
		if tappable == nil && m.button() != nil {
			tappable = m
		}
	})
	if tappable != nil {
		return tappable
	}
	return first
}

func (n *node) has(match func(*node) bool) (found bool) {
	n.walk(func(m *node) { found = found || match(m) })
	return found
}

// says reports whether the node shows one of the texts.
func (n *node) says(texts []string) bool {
	return slices.ContainsFunc(texts, func(t string) bool {
		t = oneLine(t)
		return strings.EqualFold(t, oneLine(n.Text)) || strings.EqualFold(t, oneLine(n.Description))
	})
}

// fits holds the node against what the selector says beside id and text.
func (n *node) fits(s *Selector) bool {
	if s.Password && !n.Node.Password {
		return false
	}
	if s.Clickable != nil && *s.Clickable != (n.button() != nil) {
		return false
	}
	if s.Checked == nil {
		return true
	}
	box := n.box()
	return box != nil && box.Checked == *s.Checked
}

// levels is how far up the row around a label may be: title, its frame, the row.
const levels = 3

// button is the node to tap for n: itself or the nearest around it that can be
// tapped; nil where none can.
func (n *node) button() *node {
	for up := 0; n != nil && up <= levels; n, up = n.parent, up+1 {
		if n.Clickable {
			return n
		}
		if n.Scrollable {
			return nil
		}
	}
	return nil
}

// box is the switch, radio button or check box that belongs to n: itself, or
// the only one in the row around it. Where a row has several, none does.
func (n *node) box() *node {
	if n.Checkable {
		return n
	}
	row := n
	for up := 0; up < levels && !row.Clickable && row.parent != nil && !row.parent.Scrollable; up++ {
		row = row.parent
		var boxes []*node
		row.walk(func(m *node) {
			if m.Checkable {
				boxes = append(boxes, m)
			}
		})
		if len(boxes) == 1 && row.around(n, boxes[0]) {
			return boxes[0]
		}
		if len(boxes) > 0 {
			return nil
		}
	}
	return nil
}

// around reports whether n is a row with a label and a switch, and not a whole
// page: it is low, or they are beside each other.
func (n *node) around(label, box *node) bool {
	page := n
	for page.parent != nil {
		page = page.parent
	}
	beside := label.Bounds.Min.Y < box.Bounds.Max.Y && box.Bounds.Min.Y < label.Bounds.Max.Y
	return beside || 3*n.Bounds.Dy() <= page.Bounds.Dy()
}

// spot is where to tap for n.
func (n *node) spot() image.Point {
	if b := n.button(); b != nil {
		n = b
	}
	return n.Center()
}

// list is the node to swipe in: the largest that scrolls, else the whole screen.
func (n *node) list() (list *node, scrolls bool) {
	list, area := n, 0
	n.walk(func(m *node) {
		if size := m.Bounds.Dx() * m.Bounds.Dy(); m.Scrollable && size > area {
			list, area = m, size
		}
	})
	return list, area > 0
}

// print is the same for two screens that look the same.
func (n *node) print() string {
	var b strings.Builder
	n.walk(func(m *node) {
		fmt.Fprintf(&b, "%s|%s|%s|%t|%v\n", m.ResourceID, m.Text, m.Description, m.Checked, m.Bounds)
	})
	return b.String()
}

// shown are words on the screen, for a person who looks for what is missing.
const shown = 12

// summary says what is on the screen.
func (n *node) summary() string {
	var words []string
	n.walk(func(m *node) {
		for _, t := range []string{m.Text, m.Description} {
			if t = oneLine(t); t != "" && !m.Password && len(words) <= shown {
				words = append(words, fmt.Sprintf("%q", t))
			}
		}
	})
	switch {
	case len(words) == 0:
		return "the screen shows no text"
	case len(words) > shown:
		words[shown] = "..."
	}
	return "the screen shows " + strings.Join(words, ", ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

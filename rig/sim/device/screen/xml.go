package screen

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// WriteXML writes the hierarchy as uiautomator of Android 10 dumps it.
func (v *View) WriteXML(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(`<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="0">`)
	v.Root.xml(&b, 0, v.page.Package)
	b.WriteString(`</hierarchy>`)
	_, err := w.Write(b.Bytes())
	return err
}

func (n *Node) xml(b *bytes.Buffer, index int, pkg string) {
	fmt.Fprintf(b, `<node index="%d" text="%s" resource-id="%s" class="%s" package="%s" content-desc="" checkable="%t" checked="%t" clickable="%t" enabled="true" focusable="%t" focused="%t" scrollable="%t" long-clickable="false" password="%t" selected="false" bounds="[%d,%d][%d,%d]"`,
		index, attribute(n.Text), attribute(n.ID), n.Class, attribute(pkg), n.Checkable, n.Checked, n.Clickable, n.Clickable, n.Focused, n.Scrolls, n.Secret,
		n.Bounds.Min.X, n.Bounds.Min.Y, n.Bounds.Max.X, n.Bounds.Max.Y)
	if len(n.Kids) == 0 {
		b.WriteString(` />`)
		return
	}
	b.WriteString(`>`)
	for i, k := range n.Kids {
		k.xml(b, i, pkg)
	}
	b.WriteString(`</node>`)
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;")

// attribute escapes what XML cannot hold as it stands; control characters
// become dots, as the real dump has them.
func attribute(s string) string {
	return entities.Replace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar {
			return '.'
		}
		return r
	}, s))
}

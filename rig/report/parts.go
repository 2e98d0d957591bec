package report

import (
	"bufio"
	"html/template"
	"io"
	"io/fs"
	"reflect"
)

// Frame is what every page has in its head, which template "opening" makes of it,
// up to the first line of the contents. What a template is to show embeds it.
type Frame struct {
	Title     string
	Generator string       // the command
	Style     template.CSS // Show fills it in, and the next
	Security  string
}

// Templates parses the templates of a page of another kind. They may use
// "opening", "icons", "icon" and "badge" of this one, and its functions.
func Templates(own fs.FS, patterns ...string) *template.Template {
	return must(parse().ParseFS(own, patterns...))
}

// Show writes what a template makes of page, a pointer to what it shows. frame
// is the one in it. Every exported string below page is cleaned first, maps
// excepted: have none.
func Show(w io.Writer, t *template.Template, name string, page any, frame *Frame) error {
	scrub(reflect.ValueOf(page))
	frame.Style, frame.Security = template.CSS(sheet), security()
	out := bufio.NewWriterSize(w, 1<<16)
	if err := t.ExecuteTemplate(out, name, page); err != nil {
		return err
	}
	return out.Flush()
}

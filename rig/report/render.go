package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/spanrig/spanrig/rig/evidence"
)

//go:embed page
var files embed.FS

var sheet = must(files.ReadFile("page/style.css"))

// pageTemplate is parsed once; html/template escapes in context.
var pageTemplate = parse()

func parse() *template.Template {
	return must(template.New("report").Funcs(template.FuncMap{
		"count": func(n int, noun string) string { return plural(n, noun) },
		"plus": func(list ...int) string {
			sum := 0
			for _, n := range list {
				sum += n
			}
			return Thousands(uint64(sum))
		},
		"slug": slug,
		"at":   func(p point, y px) reading { return reading{p, y} },
	}).ParseFS(files, "page/*.html"))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("report: " + err.Error()) // the files are part of the program
	}
	return v
}

// reading is a point with its height, for the drawing of fitness.
type reading struct {
	point
	Y px
}

// security is the content security policy of the page: the style in its head,
// images in its text, and nothing else.
func security() string {
	sum := sha256.Sum256(sheet)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'"
}

// Write writes the page of a bundle. name is what the page calls the bundle: its
// base name. The error is an *evidence.Difference where a file of the bundle is
// not the one that was sealed, else that of reading, or of w.
func Write(w io.Writer, b *evidence.Bundle, name string) error {
	c, err := open(b, name)
	if err != nil {
		return err
	}
	return render(w, c)
}

func render(w io.Writer, c *contents) error {
	p, err := build(c)
	if err != nil {
		return err
	}
	return Show(w, pageTemplate, "page", p, &p.Frame)
}

package screen

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Colours of the display.
var (
	night  = color.RGBA{0x12, 0x14, 0x17, 0xff}
	panel  = color.RGBA{0x1f, 0x23, 0x29, 0xff}
	raised = color.RGBA{0x2b, 0x31, 0x39, 0xff}
	rule   = color.RGBA{0x3a, 0x41, 0x4b, 0xff}
	ink    = color.RGBA{0xf2, 0xf4, 0xf7, 0xff}
	dim    = color.RGBA{0x93, 0x9c, 0xa8, 0xff}
	accent = color.RGBA{0x2f, 0x8c, 0xff, 0xff}
	off    = color.RGBA{0x58, 0x60, 0x6b, 0xff}
)

// Text sizes, pixels.
const (
	large  = 46
	normal = 40
	small  = 28
)

// faces holds one face a size: the font is in the program.
var faces = sync.OnceValue(func() map[int]font.Face {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is a constant of the program
	}
	list := map[int]font.Face{}
	for _, size := range []int{small, normal, large} {
		if list[size], err = opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull}); err != nil {
			panic(err)
		}
	}
	return list
})

// drawing guards the faces, which are not for several goroutines.
var drawing sync.Mutex

func textWidth(s string) int {
	drawing.Lock()
	defer drawing.Unlock()
	return font.MeasureString(faces()[normal], s).Ceil()
}

// Blank is the picture of a display that is off.
func Blank() *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: Size})
	fill(img, img.Bounds(), color.RGBA{A: 0xff})
	return img
}

// Draw paints the view.
func (v *View) Draw() *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: Size})
	fill(img, img.Bounds(), night)
	drawing.Lock()
	defer drawing.Unlock()
	v.Root.walk(func(n *Node) {
		clip, _ := img.SubImage(n.Bounds).(*image.RGBA)
		if n.widget != nil {
			n.paint(clip)
			return
		}
		n.frame(clip)
	})
	return img
}

// frame paints what is no widget.
func (n *Node) frame(img *image.RGBA) {
	switch n.kind {
	case "bar":
		fill(img, n.full, panel)
	case "title":
		text(img, n.full, n.Text, large, ink, false)
	case "dialog":
		fill(img, n.full, rule)
		fill(img, n.full.Inset(3), raised)
	case "dialog title":
		text(img, n.full, n.Text, large, ink, false)
	case "text":
		text(img, n.full, n.Text, small, dim, false)
	}
}

func (n *Node) paint(img *image.RGBA) {
	w, r := n.widget, n.full
	switch w.Kind {
	case Label:
		text(img, inside(r), w.Text, small, dim, false)
	case Button:
		fill(img, r, accent)
		text(img, r, w.Text, normal, ink, true)
	case Tile:
		fill(img, r, panel)
		text(img, r, w.Text, large, ink, true)
	case Row:
		line(img, r, w)
		text(img, image.Rect(r.Max.X-2*margin, r.Min.Y, r.Max.X, r.Max.Y), "›", large, dim, false)
	case Radio:
		line(img, r, w)
		radio(img, image.Pt(r.Max.X-2*margin, (r.Min.Y+r.Max.Y)/2), w.On)
	case Switch:
		line(img, r, w)
		toggle(img, image.Pt(r.Max.X-3*margin, (r.Min.Y+r.Max.Y)/2), w.On)
	case Field:
		n.field(img)
	}
}

func (n *Node) field(img *image.RGBA) {
	r, edge, paint := n.full.Inset(10), rule, ink
	if n.Focused {
		edge = accent
	}
	if n.widget.Value == "" {
		paint = dim
	}
	fill(img, r, edge)
	fill(img, r.Inset(3), night)
	text(img, inside(r), n.Text, normal, paint, false)
}

// line is a row with its text and its rule below.
func line(img *image.RGBA, r image.Rectangle, w *Widget) {
	fill(img, image.Rect(r.Min.X+margin, r.Max.Y-2, r.Max.X-margin, r.Max.Y), rule)
	if w.Detail == "" {
		text(img, inside(r), w.Text, normal, ink, false)
		return
	}
	half := image.Rect(r.Min.X, r.Min.Y+8, r.Max.X, r.Min.Y+76)
	text(img, inside(half), w.Text, normal, ink, false)
	text(img, inside(half.Add(image.Pt(0, 50))), w.Detail, small, dim, false)
}

func inside(r image.Rectangle) image.Rectangle {
	return image.Rect(r.Min.X+margin, r.Min.Y, r.Max.X-margin, r.Max.Y)
}

func radio(img *image.RGBA, at image.Point, on bool) {
	if !on {
		disc(img, at, 26, off)
		disc(img, at, 22, night)
		return
	}
	disc(img, at, 26, accent)
	disc(img, at, 22, night)
	disc(img, at, 14, accent)
}

func toggle(img *image.RGBA, at image.Point, on bool) {
	track, knob := off, at.X-30
	if on {
		track, knob = accent, at.X+30
	}
	fill(img, image.Rect(at.X-30, at.Y-28, at.X+30, at.Y+28), track)
	disc(img, image.Pt(at.X-30, at.Y), 28, track)
	disc(img, image.Pt(at.X+30, at.Y), 28, track)
	disc(img, image.Pt(knob, at.Y), 22, ink)
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// disc paints a circle whose edge is softened over one pixel.
func disc(img *image.RGBA, at image.Point, radius int, c color.RGBA) {
	box := image.Rect(at.X-radius-1, at.Y-radius-1, at.X+radius+2, at.Y+radius+2).Intersect(img.Bounds())
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			cover := float64(radius) + 0.5 - math.Hypot(float64(x-at.X), float64(y-at.Y))
			if cover <= 0 {
				continue
			}
			a := min(cover, 1)
			img.SetRGBA(x, y, mix(img.RGBAAt(x, y), c, a))
		}
	}
}

func mix(under, over color.RGBA, a float64) color.RGBA {
	m := func(u, o uint8) uint8 { return uint8(float64(u)*(1-a) + float64(o)*a + 0.5) }
	return color.RGBA{m(under.R, over.R), m(under.G, over.G), m(under.B, over.B), 0xff}
}

// text writes one line, in the middle of a box's height, and of its width where asked.
func text(img *image.RGBA, box image.Rectangle, s string, size int, c color.RGBA, centred bool) {
	face := faces()[size]
	x := box.Min.X
	if centred {
		x += (box.Dx() - font.MeasureString(face, s).Ceil()) / 2
	}
	m := face.Metrics()
	y := (box.Min.Y+box.Max.Y)/2 + (m.Ascent-m.Descent).Ceil()/2
	d := font.Drawer{Dst: img, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(s)
}

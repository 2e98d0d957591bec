package report

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// pictures turns screenshots of the bundle into pictures of the page.
type pictures struct {
	read func(name string) ([]byte, error)
	left int // bytes that the page has room for
	work int // pixels that may still be decoded
	done map[string]picture
}

// picture is a screenshot as the page shows it, or why it does not.
type picture struct {
	Source        template.URL // data:, made here from decoded pixels
	Width, Height int
	Missing       string
}

// What is shown of screenshots: that many bytes together, at that width.
const (
	pictureBudget = 1_500_000
	pictureWidth  = 560
	mostPixels    = 36_000_000  // of one
	pixelBudget   = 400_000_000 // of all
)

// show decodes a PNG and encodes what is in it again, smaller. Whatever else
// the file holds is left behind.
func (p *pictures) show(name string) picture {
	if one, ok := p.done[name]; ok && (one.Missing != "" || p.pay(len(one.Source))) {
		return one
	}
	one, err := p.make(name)
	if err != nil {
		one = picture{Missing: err.Error()}
	}
	p.done[name] = one
	return one
}

func (p *pictures) pay(n int) bool {
	if n > p.left {
		return false
	}
	p.left -= n
	return true
}

var errNoRoom = errors.New("left out to keep the page small; it is in the bundle")

func (p *pictures) make(name string) (picture, error) {
	b, err := p.read(name)
	if err != nil {
		return picture{}, errors.New("it is not in the bundle")
	}
	head, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return picture{}, errors.New("not shown: the file is no PNG")
	}
	if head.Width <= 0 || head.Height <= 0 || head.Width > mostPixels/head.Height {
		return picture{}, fmt.Errorf("not shown: the picture has %d by %d pixels", head.Width, head.Height)
	}
	if p.work -= head.Width * head.Height; p.work < 0 {
		return picture{}, errNoRoom
	}
	full, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return picture{}, errors.New("not shown: the PNG is damaged")
	}
	small := shrink(full, pictureWidth)
	kind, content := encode(small)
	uri := "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
	if !p.pay(len(uri)) {
		return picture{}, errNoRoom
	}
	return picture{Source: template.URL(uri), Width: small.Rect.Dx(), Height: small.Rect.Dy()}, nil
}

// encode takes the smaller of PNG and JPEG.
func encode(m *image.RGBA) (kind string, content []byte) {
	var a, b bytes.Buffer
	best := png.Encoder{CompressionLevel: png.BestCompression}
	if best.Encode(&a, m) != nil || jpeg.Encode(&b, m, &jpeg.Options{Quality: 82}) == nil && b.Len() < a.Len() {
		return "image/jpeg", b.Bytes()
	}
	return "image/png", a.Bytes()
}

// shrink averages the picture down to at most the width; it enlarges nothing.
func shrink(m image.Image, width int) *image.RGBA {
	from := m.Bounds()
	w := min(width, from.Dx())
	h := max(from.Dy()*w/from.Dx(), 1)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		top, foot := from.Min.Y+y*from.Dy()/h, from.Min.Y+(y+1)*from.Dy()/h
		for x := range w {
			left, right := from.Min.X+x*from.Dx()/w, from.Min.X+(x+1)*from.Dx()/w
			out.SetRGBA(x, y, average(m, image.Rect(left, top, max(right, left+1), max(foot, top+1))))
		}
	}
	return out
}

// average is the mean colour of a part of the picture, on white.
func average(m image.Image, r image.Rectangle) color.RGBA {
	var red, green, blue, n uint32
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cr, cg, cb, ca := m.At(x, y).RGBA()
			white := 0xffff - ca
			red, green, blue, n = red+(cr+white)>>8, green+(cg+white)>>8, blue+(cb+white)>>8, n+1
		}
	}
	return color.RGBA{uint8(red / n), uint8(green / n), uint8(blue / n), 0xff}
}

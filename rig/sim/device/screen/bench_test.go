package screen

import (
	"bytes"
	"image/png"
	"io"
	"testing"
)

func BenchmarkDraw(b *testing.B) {
	p := sample()
	for b.Loop() {
		Layout(p, 0).Draw()
	}
}

func BenchmarkPNG(b *testing.B) {
	img := Layout(sample(), 0).Draw()
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	for b.Loop() {
		if err := e.Encode(io.Discard, img); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkXML(b *testing.B) {
	p := sample()
	for b.Loop() {
		var w bytes.Buffer
		_ = Layout(p, 0).WriteXML(&w)
	}
}

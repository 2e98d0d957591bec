package android

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"

	"github.com/spanrig/spanrig/drivers"
)

// Screenshot takes a picture of the screen, a PNG file. A window that forbids
// pictures is black in it.
func Screenshot(ctx context.Context, b drivers.Bridge) ([]byte, error) {
	out, err := run(ctx, b, "screencap", "-p")
	if err != nil {
		return nil, err
	}
	return ParseScreenshot(out)
}

var (
	pngBegin = []byte("\x89PNG\r\n\x1a\n")
	pngEnd   = []byte("\x00\x00\x00\x00IEND\xaeB`\x82")
)

// ParseScreenshot checks that the output of "screencap -p" is one whole PNG
// file. Warnings before it, as devices with two displays print them, are cut.
func ParseScreenshot(out []byte) ([]byte, error) {
	at := bytes.Index(out, pngBegin)
	if at < 0 {
		return nil, errors.New("screencap: the output is no PNG file")
	}
	file := out[at:]
	if !bytes.HasSuffix(file, pngEnd) {
		return nil, errors.New("screencap: the PNG file has no end")
	}
	c, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("screencap: %w", err)
	}
	if c.Width == 0 || c.Height == 0 {
		return nil, errors.New("screencap: the picture is empty")
	}
	return file, nil
}

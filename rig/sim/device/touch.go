package device

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/screen"
)

// input is what a person does: "tap X Y", "swipe X Y X Y [MS]", "text TEXT",
// "keyevent KEY...". The source before it ("touchscreen") is optional.
func (d *device) input(ctx context.Context, c *adbd.Call) int {
	args := c.Args[1:]
	if len(args) > 0 && (args[0] == "touchscreen" || args[0] == "keyboard") {
		args = args[1:]
	}
	if len(args) < 2 {
		return usage(c, "input [<source>] <command> [<arg>...]")
	}
	switch args[0] {
	case "tap":
		if p, ok := numbers(args[1:], 2); ok {
			d.tap(image.Pt(p[0], p[1]))
			return 0
		}
	case "swipe":
		if p, ok := numbers(args[1:], 4); ok {
			return d.swipeFor(ctx, image.Pt(p[0], p[1]), image.Pt(p[2], p[3]), args[5:])
		}
	case "text":
		d.write(strings.ReplaceAll(args[1], "%s", " "))
		return 0
	case "keyevent":
		return d.keys(c, args[1:])
	}
	fmt.Fprintf(c.Stderr, "Error: Invalid arguments for command: %s\n", args[0])
	return 1
}

func numbers(args []string, n int) ([]int, bool) {
	if len(args) < n {
		return nil, false
	}
	list := make([]int, n)
	for i := range list {
		f, err := strconv.ParseFloat(args[i], 64)
		if err != nil {
			return nil, false
		}
		list[i] = int(f)
	}
	return list, true
}

// swipeFor takes its time, as a finger does.
func (d *device) swipeFor(ctx context.Context, from, to image.Point, rest []string) int {
	if ms, ok := numbers(rest, 1); ok {
		select {
		case <-time.After(time.Duration(ms[0]) * time.Millisecond):
		case <-ctx.Done():
			return 1
		}
	}
	d.swipe(from, to)
	return 0
}

func (d *device) keys(c *adbd.Call, names []string) int {
	for _, name := range names {
		if strings.HasPrefix(name, "-") {
			continue // --longpress
		}
		if !d.key(strings.TrimPrefix(name, "KEYCODE_")) {
			fmt.Fprintf(c.Stderr, "Error: Unknown keycode: %s\n", name)
			return 1
		}
	}
	return 0
}

// uiautomator dumps what is on the display; one that is off has no root.
func (d *device) uiautomator(_ context.Context, c *adbd.Call) int {
	if argument(c, 1) != "dump" {
		return usage(c, "uiautomator dump [file]")
	}
	file := "/sdcard/window_dump.xml"
	for _, a := range c.Args[2:] {
		if !strings.HasPrefix(a, "-") {
			file = a
		}
	}
	if !d.isAwake() {
		fmt.Fprintln(c.Stderr, "ERROR: null root node returned by UiTestAutomationBridge.")
		return 0
	}
	var b bytes.Buffer
	if err := d.view().WriteXML(&b); err != nil {
		return c.Fail("%v", err)
	}
	if file == "/dev/tty" {
		fmt.Fprintf(c.Stdout, "%sUI hierchary dumped to: %s\n", b.Bytes(), file) // spelled so
		return 0
	}
	w, err := d.files.Create(c.Path(file), 0o660)
	if err != nil {
		return c.Fail("%v", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return c.Fail("%v", err)
	}
	if err := w.Close(); err != nil {
		return c.Fail("%v", err)
	}
	fmt.Fprintf(c.Stdout, "UI hierchary dumped to: %s\n", file) // spelled so
	return 0
}

// screencap paints what is on the display; "-p" is the only format.
func (d *device) screencap(_ context.Context, c *adbd.Call) int {
	img := screen.Blank()
	if d.isAwake() {
		img = d.view().Draw()
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, img); err != nil {
		return c.Fail("%v", err)
	}
	file := argument(c, len(c.Args)-1)
	if len(c.Args) == 1 || strings.HasPrefix(file, "-") {
		if _, err := c.Stdout.Write(b.Bytes()); err != nil {
			return 1
		}
		return 0
	}
	w, err := d.files.Create(c.Path(file), 0o660)
	if err != nil {
		return c.Fail("%v", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return c.Fail("%v", err)
	}
	if err := w.Close(); err != nil {
		return c.Fail("%v", err)
	}
	return 0
}

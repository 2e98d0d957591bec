package android

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Tap touches the screen at a point.
func Tap(ctx context.Context, b drivers.Bridge, at image.Point) error {
	return input(ctx, b, "tap", strconv.Itoa(at.X), strconv.Itoa(at.Y))
}

// Swipe moves a finger over the screen within a time. From a point to itself
// it is a long press.
func Swipe(ctx context.Context, b drivers.Bridge, from, to image.Point, within time.Duration) error {
	return input(ctx, b, "swipe", strconv.Itoa(from.X), strconv.Itoa(from.Y), strconv.Itoa(to.X), strconv.Itoa(to.Y),
		strconv.FormatInt(within.Milliseconds(), 10))
}

// Key presses a key by its name or number: "KEYCODE_BACK", "HOME", "66".
func Key(ctx context.Context, b drivers.Bridge, code string) error {
	return input(ctx, b, "keyevent", code)
}

// Text types a text into what has the focus. It may have the printable
// characters of ASCII, which is what the virtual keyboard has; the error does
// not repeat the text, for it may be a password.
func Text(ctx context.Context, b drivers.Bridge, text string) error {
	pieces, err := InputText(text)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if err := input(ctx, b, "text", p); err != nil {
			return err
		}
	}
	return nil
}

// InputText makes of a text the arguments for as many calls of "input text". A
// space is %s there, and nothing is %s itself, so such a text is typed in two
// calls (AOSP com.android.commands.input.Input.sendText).
func InputText(text string) ([]string, error) {
	for i, r := range text {
		if r < ' ' || r > '~' {
			return nil, fmt.Errorf("input text: character %d is none that can be typed; only printable ASCII is", i)
		}
	}
	if text == "" {
		return nil, nil
	}
	var pieces []string
	for {
		cut := strings.Index(text, "%s")
		if cut < 0 {
			return append(pieces, strings.ReplaceAll(text, " ", "%s")), nil
		}
		pieces = append(pieces, strings.ReplaceAll(text[:cut+1], " ", "%s"))
		text = text[cut+1:]
	}
}

// input runs the program of that name, which says "Error" with exit code 0. Its
// arguments stay out of errors where they are a text.
func input(ctx context.Context, b drivers.Bridge, args ...string) error {
	argv := append([]string{"input"}, args...)
	out, err := b.Run(ctx, argv...)
	if err != nil {
		return err
	}
	if out.Code != 0 || bytes.HasPrefix(bytes.TrimSpace(out.Stderr), []byte("Error")) || bytes.HasPrefix(bytes.TrimSpace(out.Stdout), []byte("Error")) {
		if args[0] == "text" {
			argv, out = argv[:2], drivers.Output{Code: out.Code, Stderr: []byte("it could not be typed")}
		}
		return commandError(argv, out)
	}
	return nil
}

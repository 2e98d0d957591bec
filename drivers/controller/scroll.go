package controller

import (
	"context"
	"fmt"
	"image"
	"time"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// mostSwipes bounds a search through a list that never ends.
const mostSwipes = 40

// doScroll swipes down to the end of the list, then up to its beginning, until
// what is looked for is on the screen.
func (h *hand) doScroll(ctx context.Context, s *Step) error {
	deadline := time.Now().Add(h.patience(s))
	up := false
	before := ""
	for swipes := 0; ; swipes++ {
		found, screen, err := h.glance(ctx, s.Scroll)
		if err != nil || found != nil {
			return err
		}
		at := screen.print()
		if at == before && up {
			return fmt.Errorf("%w: it is nowhere in the list: %s", errAbsent, screen.summary())
		}
		if late := swipes > 0 && time.Now().After(deadline); late || swipes == mostSwipes {
			return fmt.Errorf("%w within %v and %d swipes: %s", errAbsent, h.patience(s), swipes, screen.summary())
		}
		up = up || at == before
		before = at
		if err := h.swipe(ctx, screen, up); err != nil {
			return err
		}
	}
}

// glance looks once, or until the screen can be read.
func (h *hand) glance(ctx context.Context, s *Selector) (found, screen *node, err error) {
	screen, err = h.until(ctx, h.config.Patience, func(screen *node) (bool, error) {
		found = screen.find(s)
		return true, nil
	})
	return found, screen, err
}

// stroke is how long a swipe takes: slow enough not to fling the list.
const stroke = 600 * time.Millisecond

// swipe moves the list by half of its height.
func (h *hand) swipe(ctx context.Context, screen *node, up bool) error {
	list, _ := screen.list()
	b := list.Bounds
	x := (b.Min.X + b.Max.X) / 2
	low, high := image.Pt(x, b.Max.Y-b.Dy()/4), image.Pt(x, b.Min.Y+b.Dy()/4)
	if up {
		low, high = high, low
	}
	return android.Swipe(ctx, h.config.Bridge, low, high, max(100*time.Millisecond, h.paced(stroke)))
}

// goBackTo waits for something that may lie behind the screen that is shown: a
// screen that stays as it is, is left by the key back, or where its list was
// moved, scrolled to the top; an app that was left thereby is started again.
func (h *hand) goBackTo(ctx context.Context, s *Step) error {
	var last string
	var since time.Time
	tries := 0
	_, err := h.until(ctx, h.patience(s), func(screen *node) (bool, error) {
		if screen.find(s.Wait) != nil {
			return true, nil
		}
		if at := screen.print(); at != last {
			last, since = at, time.Now()
			return false, nil
		}
		if time.Since(since) < h.paced(stuck) {
			return false, nil
		}
		since = time.Now()
		tries++
		return false, h.retreat(ctx, screen, tries)
	})
	return err
}

// stuck is how long a screen stays as it is before it is left.
const stuck = 3 * time.Second

func (h *hand) retreat(ctx context.Context, screen *node, tries int) error {
	_, scrolls := screen.list()
	switch {
	case !screen.has(func(n *node) bool { return n.Package == h.config.Package }):
		return h.launch(ctx)
	case scrolls && tries%2 == 1:
		return h.swipe(ctx, screen, true)
	}
	return h.press(ctx, "KEYCODE_BACK")
}

// home brings the app to its home screen.
func (h *hand) home(ctx context.Context) error {
	inner := &hand{Controller: h.Controller, what: "home", homeward: true}
	err := inner.steps(ctx, h.config.Script.Home)
	if err != nil {
		return fmt.Errorf("%s: %w", h.what, err)
	}
	return nil
}

// goHome is home where the app may be there or close to it: back is pressed
// until the home screen shows, and nothing is started where that is enough.
func (h *hand) goHome(ctx context.Context) error {
	steps := h.config.Script.Home
	if len(steps) == 0 || steps[len(steps)-1].Wait == nil {
		return h.home(ctx)
	}
	for range mostBacks {
		found, screen, err := h.glance(ctx, steps[len(steps)-1].Wait)
		switch {
		case found != nil:
			return nil
		case err != nil && hopeless(ctx, err):
			return err
		case err != nil, !screen.has(func(n *node) bool { return n.Package == h.config.Package }):
			return h.home(ctx)
		}
		if err := h.press(ctx, "KEYCODE_BACK"); err != nil {
			return err
		}
		if err := sleep(ctx, h.paced(poll)); err != nil {
			return err
		}
	}
	return h.home(ctx)
}

// mostBacks is how deep below the home screen an app may be.
const mostBacks = 6

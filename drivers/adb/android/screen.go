package android

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Screen is whether the device is awake and what is in front.
type Screen struct {
	Wakefulness string // "Awake", "Asleep", "Dreaming", "Dozing"
	Awake       bool
	Focus
	Resumed string // package of the activity that is resumed; empty: none
}

// Focus is what has the input.
type Focus struct {
	Window string // title of the focused window: "com.x/com.x.MainActivity", "NotificationShade"; empty: none
	App    string // package of the focused app; empty: none
}

// Foreground reports whether a package is what a person sees and operates: its
// activity is focused and resumed, and no window of another app or of the
// system (a dialog of permissions, the shade, an ANR) has the focus.
func (s Screen) Foreground(pkg string) bool {
	window, _, named := strings.Cut(s.Window, "/")
	return s.App == pkg && s.Resumed == pkg && (window == pkg || !named && strings.HasPrefix(s.Window, "PopupWindow:"))
}

// ReadScreen asks power, window and activity services.
func ReadScreen(ctx context.Context, b drivers.Bridge) (s Screen, err error) {
	out, err := run(ctx, b, "dumpsys", "power")
	if err != nil {
		return Screen{}, err
	}
	if s.Wakefulness, err = ParseWakefulness(out); err != nil {
		return Screen{}, err
	}
	s.Awake = s.Wakefulness == "Awake"
	if out, err = run(ctx, b, "dumpsys", "window", "displays"); err != nil {
		return Screen{}, err
	}
	if s.Focus, err = ParseFocus(out); err != nil { // an older Android tells it among the windows
		if out, err = run(ctx, b, "dumpsys", "window", "windows"); err != nil {
			return Screen{}, err
		}
		if s.Focus, err = ParseFocus(out); err != nil {
			return Screen{}, err
		}
	}
	if out, err = run(ctx, b, "dumpsys", "activity", "activities"); err != nil {
		return Screen{}, err
	}
	if s.Resumed, err = ParseResumed(out); err != nil {
		return Screen{}, err
	}
	return s, nil
}

// ParseWakefulness finds mWakefulness in the output of "dumpsys power".
func ParseWakefulness(text []byte) (string, error) {
	for line := range lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "mWakefulness="); ok && v != "" {
			return v, nil
		}
	}
	return "", errors.New("dumpsys power: no mWakefulness in the output")
}

// ParseFocus finds mCurrentFocus and mFocusedApp in the output of "dumpsys
// window". With several displays the first that has a focus counts. The app is
// an AppWindowToken around an ActivityRecord up to Android 10, and an
// ActivityRecord since.
func ParseFocus(text []byte) (Focus, error) {
	var f Focus
	found := false
	for line := range lines(text) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "mCurrentFocus="); ok {
			found = true
			if f.Window == "" {
				f.Window = windowTitle(v)
			}
		}
		if v, ok := strings.CutPrefix(line, "mFocusedApp="); ok {
			found = true
			if f.App == "" {
				f.App = recordPackage(v)
			}
		}
	}
	if !found {
		return Focus{}, errors.New("dumpsys window: neither mCurrentFocus nor mFocusedApp in the output")
	}
	return f, nil
}

// windowTitle reads "Window{8e1b8f0 u0 TITLE}"; TITLE may have spaces.
func windowTitle(s string) string {
	inner, ok := strings.CutPrefix(s, "Window{")
	if !ok {
		return ""
	}
	inner, _, _ = strings.Cut(inner, "}")
	if parts := strings.SplitN(inner, " ", 3); len(parts) == 3 {
		return parts[2]
	}
	return ""
}

// recordPackage reads "...ActivityRecord{84f4d5c u0 PACKAGE/.Activity t12}".
func recordPackage(s string) string {
	_, inner, ok := strings.Cut(s, "ActivityRecord{")
	if !ok {
		return ""
	}
	for _, w := range strings.Fields(inner) {
		if pkg, _, ok := strings.Cut(w, "/"); ok {
			return pkg
		}
	}
	return ""
}

// ParseResumed finds the resumed activity's package in the output of "dumpsys
// activity activities": topResumedActivity= since Android 10 or 12,
// mResumedActivity: or ResumedActivity: else; empty where nothing is resumed.
func ParseResumed(text []byte) (string, error) {
	found, pkg := "", ""
	for line := range lines(text) {
		line = strings.TrimSpace(line)
		for _, key := range []string{"topResumedActivity=", "mResumedActivity: ", "ResumedActivity: ", "mFocusedActivity: "} {
			if v, ok := strings.CutPrefix(line, key); ok && pkg == "" {
				found, pkg = key, recordPackage(v)
			}
		}
		if strings.HasPrefix(line, "ACTIVITY MANAGER") && found == "" {
			found = line
		}
	}
	if found == "" {
		return "", errors.New("dumpsys activity activities: the output is not that of the activity manager")
	}
	return pkg, nil
}

// Size is the screen's size in pixels, as apps see it.
func Size(ctx context.Context, b drivers.Bridge) (image.Point, error) {
	out, err := run(ctx, b, "wm", "size")
	if err != nil {
		return image.Point{}, err
	}
	return ParseSize(out)
}

// ParseSize reads the output of "wm size": "Physical size: 1200x1920", and an
// "Override size", which wins.
func ParseSize(text []byte) (image.Point, error) {
	var size image.Point
	for line := range lines(text) {
		var p image.Point
		_, value, _ := strings.Cut(line, "size: ")
		if n, err := fmt.Sscanf(value, "%dx%d", &p.X, &p.Y); err == nil && n == 2 && p.X > 0 && p.Y > 0 {
			size = p
		}
	}
	if size == (image.Point{}) {
		return image.Point{}, fmt.Errorf("wm size: no size in %q", strings.TrimSpace(string(text)))
	}
	return size, nil
}

package android_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// xor holds a parser to its promise: a value or an error.
func xor(t *testing.T, value any, err error) {
	t.Helper()
	if err != nil && !reflect.ValueOf(&value).Elem().IsZero() && !reflect.ValueOf(value).IsZero() {
		t.Errorf("%+v and %v", value, err)
	}
	if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("an error of several lines: %v", err)
	}
}

func fuzz(f *testing.F, parse func(t *testing.T, text []byte), seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(parse)
}

func FuzzProps(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) { v, err := android.ParseProps(text); xor(t, v, err) }, props, "[a]: [", "]: [", "[\r]: [")
}

func FuzzPackage(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		v, err := android.ParsePackage(text, "com.dji.industry.pilot")
		xor(t, v, err)
		if err == nil && (v.UID < 0 || v.VersionCode < 0) {
			t.Errorf("%+v", v)
		}
		names, err := android.ParsePackages(text)
		xor(t, names, err)
		pids, err := android.ParsePIDs(text)
		xor(t, pids, err)
	}, dumpPackage, "package:x\n", "1 2 3")
}

func FuzzScreen(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		wake, err := android.ParseWakefulness(text)
		xor(t, wake, err)
		focus, err := android.ParseFocus(text)
		xor(t, focus, err)
		resumed, err := android.ParseResumed(text)
		xor(t, resumed, err)
		size, err := android.ParseSize(text)
		xor(t, size, err)
	}, windows10, windows14, activities10, "Physical size: 1x2", "mWakefulness=Awake")
}

func FuzzNetwork(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		list, err := android.ParseLinks(text)
		xor(t, list, err)
		routes, err := android.ParseDefaultRoutes(text)
		xor(t, routes, err)
	}, links, routes4, routes6)
}

func FuzzSockets(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		v, err := android.ParseSockets("tcp", text)
		xor(t, v, err)
		for _, s := range v {
			if !s.Local.IsValid() || !s.Remote.IsValid() {
				t.Errorf("%+v", s)
			}
		}
	}, tcp, tcp6)
}

func FuzzCounters(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		q, err := android.ParseQtaguid(text, 10123)
		xor(t, q, err)
		n, err := android.ParseNetstats(text, 10123)
		xor(t, n, err)
	}, qtaguidText, netstats)
}

func FuzzDate(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		v, exact, err := android.ParseDate(text)
		xor(t, v, err)
		if err != nil && exact {
			t.Error("exact, and an error")
		}
	}, "1790661600.123456789", "1790661600.%N", "x")
}

func FuzzHierarchy(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) {
		v, err := android.ParseHierarchy(text)
		if err != nil && v != nil {
			t.Errorf("%+v and %v", v, err)
		}
		if err == nil {
			for n := range v.All() {
				_ = n.Center()
			}
		}
	}, hierarchy, `<hierarchy rotation="0"/>`, `&#55357;&#56832;`)
}

func FuzzScreenshot(f *testing.F) {
	fuzz(f, func(t *testing.T, text []byte) { v, err := android.ParseScreenshot(text); xor(t, v, err) }, "\x89PNG\r\n\x1a\n", string(picture(f)))
}

// FuzzInputText plays the device's program, which makes of "%s" a space: what
// is typed is the text.
func FuzzInputText(f *testing.F) {
	for _, s := range []string{"", "a b", "%s", "%%s", "100%", "%s%s s%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pieces, err := android.InputText(text)
		xor(t, pieces, err)
		if err != nil {
			return
		}
		typed := ""
		for _, p := range pieces {
			typed += inputProgram(p)
		}
		if typed != text {
			t.Errorf("%q is typed as %q, by %q", text, typed, pieces)
		}
	})
}

// inputProgram does what AOSP's Input.sendText does with its argument.
func inputProgram(argument string) string {
	var typed []byte
	escape := false
	for _, c := range []byte(argument) {
		if escape {
			escape = false
			if c == 's' {
				typed[len(typed)-1] = ' '
				continue
			}
		}
		escape = c == '%'
		typed = append(typed, c)
	}
	return string(typed)
}

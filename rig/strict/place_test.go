package strict

import (
	"errors"
	"fmt"
	"testing"
)

func TestLocate(t *testing.T) {
	const file = "name: x\nspan:\n  interfaces: [a, b]\n  ring_mb: 9\nwindows:\n  - mode: ldm\n    guard: 5m\n  - {mode: rnm, guard: 1s}\nempty:\n"
	wrong := errors.New("that is wrong")
	for want, err := range map[string]error{
		"f.yaml: that is wrong":            wrong,
		"f.yaml:1:7: that is wrong":        At(wrong, "name"),
		"f.yaml:4:12: span: that is wrong": fmt.Errorf("span: %w", At(wrong, "span", "ring_mb")),
		"f.yaml:3:19: that is wrong":       At(wrong, "span", "interfaces", 1),
		"f.yaml:3:3: that is wrong":        At(wrong, "span", "interfaces", 2),
		"f.yaml:2:1: that is wrong":        At(wrong, "span", "missing"),
		"f.yaml:7:12: that is wrong":       At(wrong, "windows", 0, "guard"),
		"f.yaml:6:5: that is wrong":        At(wrong, "windows", 0, "length"),
		"f.yaml:8:24: that is wrong":       At(wrong, "windows", 1, "guard"),
		"f.yaml:8:6: that is wrong":        At(wrong, "windows", 1),
		"f.yaml:9:1: that is wrong":        At(wrong, "empty"),
		"f.yaml: that is wrong, too":       fmt.Errorf("%w, too", At(wrong, "absent", "key")),
	} {
		if got := Locate("f.yaml", []byte(file), err).Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if !errors.Is(err, wrong) {
			t.Error("the error is lost")
		}
	}
	if At(nil, "name") != nil {
		t.Error("nothing is an error")
	}
	if got := Locate("f.yaml", []byte("a: ["), At(wrong, "a")).Error(); got != "f.yaml: that is wrong" {
		t.Error(got)
	}
}

package android

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Props reads all system properties.
func Props(ctx context.Context, b drivers.Bridge) (map[string]string, error) {
	out, err := run(ctx, b, "getprop")
	if err != nil {
		return nil, err
	}
	return ParseProps(out)
}

// ParseProps reads the output of getprop: a line "[name]: [value]" a property,
// where a value may have several lines.
func ParseProps(text []byte) (map[string]string, error) {
	props := map[string]string{}
	name, value, open := "", "", false
	for line := range lines(text) {
		if open {
			value += "\n" + line
		} else if name, value, open = strings.Cut(line, "]: ["); !open || !strings.HasPrefix(name, "[") {
			if strings.TrimSpace(line) != "" {
				return nil, fmt.Errorf("getprop: the line %q is no [name]: [value]", line)
			}
			open = false
			continue
		}
		if v, closed := strings.CutSuffix(value, "]"); closed {
			props[name[1:]], open = v, false
		}
	}
	switch {
	case open:
		return nil, fmt.Errorf("getprop: the value of %q has no end", name[1:])
	case len(props) == 0:
		return nil, errors.New("getprop: no properties")
	}
	return props, nil
}

// Prop reads one property; one that is not set is empty.
func Prop(ctx context.Context, b drivers.Bridge, name string) (string, error) {
	out, err := run(ctx, b, "getprop", name)
	return strings.TrimRight(string(out), "\r\n"), err
}

// Booted reports whether Android has started.
func Booted(ctx context.Context, b drivers.Bridge) (bool, error) {
	v, err := Prop(ctx, b, "sys.boot_completed")
	return v == "1", err
}

// BootID names the run of the kernel that is under way: it is another after
// every start.
func BootID(ctx context.Context, b drivers.Bridge) (string, error) {
	out, err := run(ctx, b, "cat", "/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(out)), err
}

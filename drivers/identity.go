package drivers

import (
	"fmt"
	"strings"
)

// USB identifies one interface of a USB device, whatever name the kernel gives
// it today. Empty fields match everything.
type USB struct {
	Vendor, Product string // four lower-case hex digits each: "2ca3"
	Serial          string
	Interface       string // two lower-case hex digits, as in bInterfaceNumber: "00"
	Path            string // where it is plugged in, as sysfs names it: "1-3.2"
}

// String prints the identity for locks, journals and messages.
func (u USB) String() string {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+"="+value)
		}
	}
	if u.Vendor != "" || u.Product != "" {
		parts = append(parts, fmt.Sprintf("%s:%s", orAny(u.Vendor), orAny(u.Product)))
	}
	add("serial", u.Serial)
	add("interface", u.Interface)
	add("path", u.Path)
	if len(parts) == 0 {
		return "usb any"
	}
	return "usb " + strings.Join(parts, " ")
}

func orAny(s string) string {
	if s == "" {
		return "*"
	}
	return s
}

// Matches reports whether a device that is there has every field that u names.
func (u USB) Matches(there USB) bool {
	same := func(want, have string) bool { return want == "" || want == have }
	return same(u.Vendor, there.Vendor) && same(u.Product, there.Product) && same(u.Serial, there.Serial) &&
		same(u.Interface, there.Interface) && same(u.Path, there.Path)
}

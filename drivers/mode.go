package drivers

import "fmt"

// Mode is a privacy mode of the app, as windows.json and the journal spell it.
type Mode string

const (
	Standard   Mode = "standard"
	Restricted Mode = "rnm" // restricted network mode: only what the user allows
	LocalData  Mode = "ldm" // local data mode: nothing leaves the device
)

// ParseMode reads a mode; the error names the three that there are.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Standard, Restricted, LocalData:
		return m, nil
	}
	return "", fmt.Errorf("mode %q: say standard, rnm or ldm", s)
}

package power

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// uhubctl switches the port with the program of that name, which asks the hub
// itself. For kernels before 6.0.
func (h *HubPort) uhubctl(ctx context.Context, on bool) error {
	program, err := findUhubctl()
	if err != nil {
		return fmt.Errorf("%s: this kernel cannot switch hub ports (Linux 6.0 can) and uhubctl is missing; install the package uhubctl (%w)", h, err)
	}
	location := strings.TrimPrefix(h.cfg.Hub, "usb")
	out, err := exec.CommandContext(ctx, program, "-l", location, "-p", strconv.Itoa(h.cfg.Port), "-a", word(on)).CombinedOutput()
	text := strings.TrimSpace(string(out))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: uhubctl: %w", h, context.Cause(ctx))
	case strings.Contains(text, "ermission"):
		return fmt.Errorf("%s: uhubctl has no permission; run as root, or install its udev rules: %s", h, firstLine(text))
	case strings.Contains(text, "No compatible"):
		return fmt.Errorf("%s: uhubctl says that the hub cannot switch single ports; use a hub that can, or a relay: %s (%w)", h, firstLine(text), errors.ErrUnsupported)
	}
	return fmt.Errorf("%s: uhubctl: %w: %s", h, err, firstLine(text))
}

// findUhubctl looks also where root's programs are.
func findUhubctl() (string, error) {
	path, err := exec.LookPath("uhubctl")
	if err != nil {
		if sbin, e := exec.LookPath("/usr/sbin/uhubctl"); e == nil {
			return sbin, nil
		}
	}
	return path, err
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

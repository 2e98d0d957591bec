package power

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/spanrig/spanrig/drivers"
)

// HubConfig names a port of a USB hub.
type HubConfig struct {
	Hub     string  // as sysfs names it: "1-3", "1-3.4", or "usb1" for a root hub
	Port    int     // 1 to 31
	Witness Witness // nil: whether a USB device is at the port, by sysfs
	Note    drivers.Note
	Root    string // where the folders sys and dev are; empty: "/"
}

var _, _ drivers.Power = (*HubPort)(nil), (*Relay)(nil)

// HubPort is a drivers.Power: a port of a USB hub, and the port beside it where
// the connector has one for USB 2 and one for USB 3. It is switched by the
// kernel's attribute "disable" (Linux 6.0 and later), or else by uhubctl.
type HubPort struct {
	cfg HubConfig
	mu  sync.Mutex
}

var hubName = regexp.MustCompile(`^(?:usb[1-9][0-9]*|[1-9][0-9]*-[1-9][0-9]*(?:\.[1-9][0-9]*)*)$`)

// OpenHub returns a port of a hub that is there.
func OpenHub(cfg HubConfig) (*HubPort, error) {
	if !hubName.MatchString(cfg.Hub) || cfg.Port < 1 || cfg.Port > 31 {
		return nil, fmt.Errorf("usb hub %q port %d: say a hub as sysfs names it, such as 1-3 or usb1, and a port from 1", cfg.Hub, cfg.Port)
	}
	h := &HubPort{cfg: cfg}
	if _, err := os.Stat(filepath.Join(devices(cfg.Root), cfg.Hub)); err != nil {
		return nil, fmt.Errorf("%s: the hub is not there; spanrig bench discover lists those that are (%w)", h, fs.ErrNotExist)
	}
	if h.cfg.Note == nil {
		h.cfg.Note = drivers.Silent
	}
	if h.cfg.Witness == nil {
		h.cfg.Witness = Presence("usb "+child(cfg.Hub, cfg.Port), h.occupied)
	}
	return h, nil
}

// String names the port.
func (h *HubPort) String() string { return fmt.Sprintf("usb hub %s port %d", h.cfg.Hub, h.cfg.Port) }

// Set implements drivers.Power.
func (h *HubPort) Set(ctx context.Context, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	by, err := "", h.switchTo(ctx, on)
	if err == nil {
		by, err = reach(ctx, h.String(), on, h.cfg.Witness)
	}
	tell(h.cfg.Note, h.String(), on, by, err)
	return err
}

// Measured implements drivers.Power.
func (h *HubPort) Measured(ctx context.Context) (bool, string, error) { return h.cfg.Witness(ctx) }

func (h *HubPort) switchTo(ctx context.Context, on bool) error {
	if err := h.switchable(); err != nil {
		return err
	}
	ports := h.ports()
	if len(ports) == 0 {
		return fmt.Errorf("%s: the hub has no such port", h)
	}
	if _, err := os.Stat(filepath.Join(ports[0], "disable")); err != nil {
		return h.uhubctl(ctx, on)
	}
	value := "1"
	if on {
		value = "0"
	}
	for _, port := range ports {
		err := os.WriteFile(filepath.Join(port, "disable"), []byte(value), 0)
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%s: no permission to switch it; run as root, or let a udev rule give your group write access to the attribute disable (%w)", h, err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", h, err)
		}
	}
	return nil
}

// ports returns the folders of the port and of its peer at the same connector.
func (h *HubPort) ports() []string {
	name := fmt.Sprintf("%s-port%d", h.cfg.Hub, h.cfg.Port)
	found, _ := filepath.Glob(filepath.Join(devices(h.cfg.Root), h.cfg.Hub, "*:*", name)) // the pattern is well formed
	if len(found) == 0 {
		return nil
	}
	if peer, err := filepath.EvalSymlinks(filepath.Join(found[0], "peer")); err == nil {
		return []string{found[0], peer}
	}
	return found[:1]
}

// occupied says whether a device is at the port or its peer.
func (h *HubPort) occupied(context.Context) (bool, error) {
	names := []string{child(h.cfg.Hub, h.cfg.Port)}
	if ports := h.ports(); len(ports) == 2 {
		if hub, number, ok := strings.Cut(filepath.Base(ports[1]), "-port"); ok {
			if n, err := strconv.Atoi(number); err == nil {
				names = append(names, child(hub, n))
			}
		}
	}
	for _, name := range names {
		_, err := os.Stat(filepath.Join(devices(h.cfg.Root), name))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return false, nil
}

// child names the device at a port of a hub.
func child(hub string, port int) string {
	if bus, ok := strings.CutPrefix(hub, "usb"); ok {
		return fmt.Sprintf("%s-%d", bus, port)
	}
	return fmt.Sprintf("%s.%d", hub, port)
}

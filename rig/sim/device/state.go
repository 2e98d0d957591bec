package device

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// kept is what survives a reboot.
type kept struct {
	App      pilot.State       `json:"app"`
	Settings map[string]string `json:"settings"` // by "global/private_dns_mode"
	Props    map[string]string `json:"props"`    // those that persist
	WiFi     bool              `json:"wifi"`
}

// store keeps it in a file.
type store struct {
	file string
	mu   sync.Mutex
	kept kept
}

// factory is a device out of its box, after somebody has chosen a Wi-Fi.
func factory() kept {
	return kept{WiFi: true, Props: map[string]string{}, Settings: map[string]string{
		"global/airplane_mode_on":             "0",
		"global/stay_on_while_plugged_in":     "0",
		"global/private_dns_mode":             "opportunistic",
		"global/captive_portal_http_url":      "http://" + probeHost + probePath,
		"global/captive_portal_https_url":     "https://" + secureProbeHost + probePath,
		"global/adb_enabled":                  "1",
		"global/device_name":                  "RC Pro Enterprise (simulated)",
		"system/screen_off_timeout":           "1800000",
		"system/screen_brightness":            "180",
		"secure/location_mode":                "3",
		"secure/android_id":                   "5350414e52494700",
		"global/development_settings_enabled": "1",
	}}
}

// openStore reads what was kept, or makes a new device.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("device: make its state folder: %w", err)
	}
	s := &store{file: filepath.Join(dir, "state.json"), kept: factory()}
	b, err := os.ReadFile(s.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return nil, fmt.Errorf("device: read its state: %w", err)
	}
	if err := json.Unmarshal(b, &s.kept); err != nil {
		return nil, fmt.Errorf("device: %s is no state; remove it for a new device: %w", s.file, err)
	}
	return s, nil
}

// get looks at what is kept.
func (s *store) get(look func(*kept)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(&s.kept)
}

// set changes it, on disk first as far as anyone can tell: the file is replaced whole.
func (s *store) set(change func(*kept)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.kept)
	b, err := json.MarshalIndent(&s.kept, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.file+".new", b, 0o600); err != nil {
		return fmt.Errorf("device: keep its state: %w", err)
	}
	return os.Rename(s.file+".new", s.file)
}

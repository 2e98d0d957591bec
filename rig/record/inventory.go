package record

import (
	"os"
	"runtime"
)

// saveInventory writes inventory.json and bench.json: contract section 7.
func (s *Session) saveInventory() error {
	d := s.device
	host, _ := os.Hostname() // for a person; may be empty
	inventory := map[string]any{
		"schema":   1,
		"device":   map[string]any{"model": d.Model, "serial": d.Serial, "firmware": d.Firmware, "macs": list(d.MACs)},
		"app":      map[string]any{"package": d.Package, "version": d.Version, "uid": d.UID},
		"aircraft": map[string]any{"model": d.AircraftModel, "firmware": d.AircraftBuild},
		"lan":      list(s.config.Place.LAN), "resolvers": list(s.config.Place.Resolvers), "vantage": s.config.Place.Vantage,
		"host":     map[string]any{"name": host, "os": runtime.GOOS + "/" + runtime.GOARCH, "tool": s.config.Tool},
		"obtained": d.Obtained, "addresses": d.Addrs,
	}
	if err := s.save("inventory.json", inventory); err != nil {
		return err
	}
	return s.save("bench.json", s.config.Bench)
}

// list is a JSON list also where there is nothing.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

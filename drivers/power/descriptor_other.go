//go:build !linux

package power

// switchable cannot ask the hub on this system.
func (*HubPort) switchable() error { return nil }

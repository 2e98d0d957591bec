package adb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// State is what a server says of a device.
type State string

// States of a device; a server may know others.
const (
	Absent        State = "absent" // not in the list
	Online        State = "device"
	Offline       State = "offline"
	Unauthorized  State = "unauthorized"
	Authorizing   State = "authorizing"
	Connecting    State = "connecting"
	NoPermissions State = "no permissions"
	Bootloader    State = "bootloader"
	Recovery      State = "recovery"
	Rescue        State = "rescue"
	Sideload      State = "sideload"
)

// passing reports whether a state ends without anybody's doing.
func (s State) passing() bool {
	switch s {
	case Absent, Offline, Authorizing, Connecting, "host", "unknown":
		return true
	}
	return false
}

// advice says what a state means and what to do.
func (s State) advice() string {
	switch s {
	case Absent:
		return "the adb server does not see it; check cable, USB mode (not MTP) and that USB debugging is on"
	case Offline:
		return "offline: it does not answer the adb server; replug it, or wait while it starts"
	case Unauthorized:
		return "unauthorized: unlock the device and confirm the dialog that asks to allow USB debugging"
	case NoPermissions:
		return "no permissions: this user may not open the USB device; add a udev rule (Debian: apt install android-sdk-platform-tools-common)"
	case Bootloader, Recovery, Rescue, Sideload:
		return "in " + string(s) + ": restart it into Android, for example with adb reboot"
	}
	return "its state is " + string(s)
}

// Listed is a device in the server's list. Names are empty where the server
// did not say them: in updates an older server gives serial and state only.
type Listed struct {
	Serial                 string
	State                  State
	Product, Model, Device string
	USB                    string // path of the port, as sysfs names it: "1-3.2"
	TransportID            int    // 0: not said
}

// ParseDevices reads a list of devices, short or long.
func ParseDevices(text string) ([]Listed, error) {
	var devices []Listed
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			continue
		}
		d, err := parseListed(line)
		if err != nil {
			return nil, err
		}
		devices = append(devices, d)
	}
	return devices, nil
}

const noSerial = "(no serial number)"

func parseListed(line string) (Listed, error) {
	serial, rest := line, ""
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		serial, rest = line[:i], line[i:]
	}
	if strings.HasPrefix(line, noSerial) {
		serial, rest = noSerial, line[len(noSerial):]
	}
	words := strings.Fields(rest)
	if serial == "" || len(words) == 0 {
		return Listed{}, fmt.Errorf("adb: the line %q of the device list has no serial and state", line)
	}
	d := Listed{Serial: serial, State: State(words[0])}
	if strings.HasPrefix(strings.TrimSpace(rest), string(NoPermissions)) {
		d.State = NoPermissions
	}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, ":")
		switch key {
		case "product":
			d.Product = value
		case "model":
			d.Model = value
		case "device":
			d.Device = value
		case "usb":
			d.USB = value
		case "transport_id":
			d.TransportID, _ = strconv.Atoi(value) // 0 where it is no number: not said
		}
	}
	return d, nil
}

// Devices lists the devices that the server sees.
func (s *Server) Devices(ctx context.Context) ([]Listed, error) {
	text, err := s.query(ctx, "host:devices-l", s.silence())
	if err != nil {
		return nil, err
	}
	return ParseDevices(text)
}

// Track calls each with the list of devices, at once and after every change,
// until it returns false. It ends with drivers.ErrLost where the server does.
func (s *Server) Track(ctx context.Context, each func([]Listed) bool) error {
	l, err := s.request(ctx, "host:track-devices-l")
	var refused *RefusedError
	if errors.As(err, &refused) { // a server before Android 9
		l, err = s.request(ctx, "host:track-devices")
	}
	if err != nil {
		return err
	}
	defer l.Close()
	l.probe = func(ctx context.Context) error {
		_, err := s.Version(ctx)
		return err
	}
	for {
		text, err := l.text()
		if err != nil {
			return err
		}
		devices, err := ParseDevices(text)
		if err != nil || !each(devices) {
			return err
		}
	}
}

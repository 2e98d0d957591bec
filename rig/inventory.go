package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/captures"
)

// Inventory says what was on the bench.
type Inventory struct {
	Device    Device
	App       App
	Aircraft  Aircraft
	LAN       []netip.Prefix // prefixes of the bench; empty where it does not say
	Resolvers []netip.Addr   // that the bench tells the device to use
	Vantage   string         // country the bench stands in, ISO 3166-1 alpha-2, upper case; may be empty
	Raw       json.RawMessage
}

// Device is the controller under test.
type Device struct {
	Model, Serial, Firmware string
	MACs                    []captures.MAC
}

// App is the app under test.
type App struct {
	Package, Version, UID string
}

// Aircraft is what the controller is linked to.
type Aircraft struct {
	Model, Firmware string
}

// schemaOne is the only schema number of inventory.json and windows.json.
const schemaOne = 1

// ParseInventory reads inventory.json: contract section 7. Keys that are not
// known are kept in Raw.
func ParseInventory(b []byte) (*Inventory, error) {
	var f struct {
		Schema int `json:"schema"`
		Device struct {
			Model    string   `json:"model"`
			Serial   string   `json:"serial"`
			Firmware string   `json:"firmware"`
			MACs     []string `json:"macs"`
		} `json:"device"`
		App struct {
			Package string `json:"package"`
			Version string `json:"version"`
			UID     scalar `json:"uid"`
		} `json:"app"`
		Aircraft  Aircraft `json:"aircraft"`
		LAN       []string `json:"lan"`
		Resolvers []string `json:"resolvers"`
		Vantage   string   `json:"vantage"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, plainJSON(err)
	}
	if err := checkSchema(f.Schema); err != nil {
		return nil, err
	}
	d := f.Device
	inv := &Inventory{
		Device:   Device{Model: d.Model, Serial: d.Serial, Firmware: d.Firmware},
		App:      App{f.App.Package, f.App.Version, string(f.App.UID)},
		Aircraft: f.Aircraft,
		Vantage:  strings.ToUpper(f.Vantage),
		Raw:      b,
	}
	var err error
	if inv.Device.MACs, err = parseEach("device.macs", d.MACs, ParseMAC); err != nil {
		return nil, err
	}
	if inv.LAN, err = parseEach("lan", f.LAN, parsePrefix); err != nil {
		return nil, err
	}
	if inv.Resolvers, err = parseEach("resolvers", f.Resolvers, parseAddr); err != nil {
		return nil, err
	}
	return inv, nil
}

func checkSchema(n int) error {
	if n != schemaOne {
		return fmt.Errorf("schema %d is not known here, expected %d; use the release that wrote it", n, schemaOne)
	}
	return nil
}

// parseEach parses every text of a list and names the one that fails.
func parseEach[T any](key string, texts []string, parse func(string) (T, error)) ([]T, error) {
	list := make([]T, 0, len(texts))
	for _, s := range texts {
		v, err := parse(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", key, s, err)
		}
		list = append(list, v)
	}
	return list, nil
}

// ParseMAC reads a 48-bit link-layer address as net.ParseMAC does.
func ParseMAC(s string) (captures.MAC, error) {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != len(captures.MAC{}) {
		return captures.MAC{}, errors.New("no MAC address; write it as 02:00:5e:00:00:10")
	}
	return captures.MAC(hw), nil
}

func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, errors.New("no IP address")
	}
	return a.Unmap().WithZone(""), nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, errors.New("no prefix; write it as 10.0.0.0/24")
	}
	return p.Masked(), nil
}

// scalar is a string or a number in JSON, as text.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = scalar(text)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return errors.New("expected a string or a number")
	}
	*s = scalar(n)
	return nil
}

// plainJSON words a decoding error for a person who has the file open.
func plainJSON(err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("no valid JSON at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &typ) && typ.Field != "":
		return fmt.Errorf("key %s holds a JSON %s at byte %d, expected another type: %w", typ.Field, typ.Value, typ.Offset, err)
	}
	return err
}

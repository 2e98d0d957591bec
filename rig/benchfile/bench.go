package benchfile

import (
	"time"

	"github.com/spanrig/spanrig/rig/plan"
)

// Bench is one wired set-up for one device, as its file says.
type Bench struct {
	Schema  int               `yaml:"schema" json:"schema"`
	Name    string            `yaml:"name" json:"name"`
	Labels  map[string]string `yaml:"labels" json:"labels,omitempty"`
	Device  Device            `yaml:"device" json:"device"`
	App     App               `yaml:"app" json:"app"`
	Span    Span              `yaml:"span" json:"span"`
	Network Network           `yaml:"network" json:"network"`
	Control Control           `yaml:"control" json:"control"`
	Power   map[string]Power  `yaml:"power" json:"power,omitempty"`
	Plan    string            `yaml:"plan" json:"plan"` // built-in name or file; default quick
	Timing  Timing            `yaml:"timing" json:"timing"`
	Judge   Judge             `yaml:"judge" json:"judge"`

	File string `yaml:"-" json:"-"` // path; other paths in the file are relative to its folder

	content []byte `yaml:"-"`
}

// Device says how the controller under test is reached: over adb, or by a
// person; beside that perhaps over a serial line.
type Device struct {
	Driver   string            `yaml:"driver" json:"driver,omitempty"` // a lab's own; default: adb or operator by the keys below
	Options  map[string]string `yaml:"options" json:"options,omitempty"`
	ADB      *ADB              `yaml:"adb" json:"adb,omitempty"`
	Serial   *Serial           `yaml:"serial" json:"serial,omitempty"`
	Operator bool              `yaml:"operator" json:"operator,omitempty"`
	MACs     []string          `yaml:"macs" json:"macs,omitempty"`           // read from the device where adb can
	Addrs    []string          `yaml:"addresses" json:"addresses,omitempty"` // that the rig can ping; read from the device where adb can
	Model    string            `yaml:"model" json:"model,omitempty"`
	Number   string            `yaml:"serial_number" json:"serial_number,omitempty"`
	Firmware string            `yaml:"firmware" json:"firmware,omitempty"`
}

// ADB is the device's place behind an adb server.
type ADB struct {
	Serial  string `yaml:"serial" json:"serial,omitempty"`   // as `adb devices` shows it
	Address string `yaml:"address" json:"address,omitempty"` // host:port of a device on the network, instead of Serial
	Server  string `yaml:"server" json:"server,omitempty"`   // host:port; default 127.0.0.1:5037
}

// Serial is a serial line to the device, found by USB identity, or by its path
// where it is no USB device.
type Serial struct {
	Vendor    string `yaml:"vendor" json:"vendor,omitempty"` // four hex digits
	Product   string `yaml:"product" json:"product,omitempty"`
	Number    string `yaml:"serial_number" json:"serial_number,omitempty"`
	Interface string `yaml:"interface" json:"interface,omitempty"` // two hex digits
	Port      string `yaml:"port" json:"port,omitempty"`           // where it is plugged in: 1-3.2
	Path      string `yaml:"path" json:"path,omitempty"`
	Baud      int    `yaml:"baud" json:"baud,omitempty"` // default 115200
	DUML      bool   `yaml:"duml" json:"duml,omitempty"` // it speaks DUML: identity and liveness are asked for
}

// App is the app under test.
type App struct {
	Script   string   `yaml:"script" json:"script"`             // mode script, built-in name or file; default dji-pilot2
	Package  string   `yaml:"package" json:"package,omitempty"` // default: the script's
	Services []string `yaml:"services" json:"services,omitempty"`
	Pace     float64  `yaml:"pace" json:"pace,omitempty"` // scales the pauses of the script; default 1
}

// Span is where the mirror (SPAN) port arrives.
type Span struct {
	Interfaces []string      `yaml:"interfaces" json:"interfaces"`
	OnlyDevice bool          `yaml:"only_device" json:"only_device,omitempty"` // leave neighbours' frames out
	RotateMB   int           `yaml:"rotate_mb" json:"rotate_mb,omitempty"`     // begin a new file after so many MB; 0: one file
	RotateTime time.Duration `yaml:"rotate_every" json:"rotate_every,omitempty"`
	MinFreeMB  int           `yaml:"min_free_mb" json:"min_free_mb,omitempty"` // end the recording in time; default 1000
	RingMB     int           `yaml:"ring_mb" json:"ring_mb,omitempty"`         // default 64
}

// Network says where the bench stands.
type Network struct {
	Captured  string   `yaml:"captured" json:"captured,omitempty"` // interface of the device behind the SPAN port; default wlan0
	LAN       []string `yaml:"lan" json:"lan,omitempty"`           // prefixes
	Resolvers []string `yaml:"resolvers" json:"resolvers,omitempty"`
	Vantage   string   `yaml:"vantage" json:"vantage,omitempty"` // country, ISO 3166-1 alpha-2
}

// Control says what controls are sent to.
type Control struct {
	Target string `yaml:"target" json:"target"`           // address:port for TCP, address for an echo; a host that answers and is reached through the mirrored port
	Zone   string `yaml:"zone" json:"zone,omitempty"`     // names of controls are made below it, where the bench's resolver answers for all of it
	ByRig  bool   `yaml:"by_rig" json:"by_rig,omitempty"` // the rig pings the device instead: always so without adb
}

// Power is one switchable supply: usb (the device's port), device, aircraft,
// uplink. It has one of the keys up to Driver.
type Power struct {
	Hub     *HubPort          `yaml:"hub" json:"hub,omitempty"`
	Relay   *Relay            `yaml:"relay" json:"relay,omitempty"`
	Driver  string            `yaml:"driver" json:"driver,omitempty"` // a lab's own
	Options map[string]string `yaml:"options" json:"options,omitempty"`
	Proof   string            `yaml:"proof" json:"proof,omitempty"` // what must vanish: adb, serial or none; default adb for usb and device, else none
}

// HubPort is a port of a USB hub that can switch its power.
type HubPort struct {
	Hub  string `yaml:"hub" json:"hub"` // as sysfs names it: 1-3
	Port int    `yaml:"port" json:"port"`
}

// Relay is a channel of a relay board on a serial line.
type Relay struct {
	Line     Serial `yaml:"line" json:"line"`
	Protocol string `yaml:"protocol" json:"protocol"` // a0 or text
	Channel  int    `yaml:"channel" json:"channel"`
	On       string `yaml:"on" json:"on,omitempty"` // text: what to send; how the answers look
	Off      string `yaml:"off" json:"off,omitempty"`
	Query    string `yaml:"query" json:"query,omitempty"`
	IsOn     string `yaml:"is_on" json:"is_on,omitempty"` // regular expressions
	IsOff    string `yaml:"is_off" json:"is_off,omitempty"`
}

// Timing fits plans to the bench.
type Timing struct {
	Scale   float64       `yaml:"scale" json:"scale,omitempty"`     // of all durations of the plan; default 1
	Longest time.Duration `yaml:"longest" json:"longest,omitempty"` // of a window; default no bound
}

// Plan gives the timing to package plan.
func (t Timing) Plan() plan.Timing { return plan.Timing{Scale: t.Scale, Longest: t.Longest} }

// Judge says by what recordings of the bench are judged, as the flags of
// spanrig judge.
type Judge struct {
	Policy   string   `yaml:"policy" json:"policy,omitempty"`
	Overlays []string `yaml:"overlays" json:"overlays,omitempty"`
	Geo      []string `yaml:"geo" json:"geo,omitempty"`
	ASN      []string `yaml:"asn" json:"asn,omitempty"`
	Ranges   []string `yaml:"ranges" json:"ranges,omitempty"`
	Baseline string   `yaml:"baseline" json:"baseline,omitempty"`
}

package controller

import "time"

// Script is what is known of an app's screens: how its mode is entered and
// read, how its services are switched, and what stimulates them. It is data per
// device and firmware; a new app needs no code.
type Script struct {
	Schema   int    `yaml:"schema"`
	Name     string `yaml:"name"`
	Title    string `yaml:"title"`
	Package  string `yaml:"package"`  // of the app; a bench may name another
	Verified string `yaml:"verified"` // firmware on which a person checked the labels; empty: they are guesses
	Source   string `yaml:"source"`   // where the labels are from
	// FirmwareProp is the property with the firmware's version; empty: ro.build.display.id.
	FirmwareProp string `yaml:"firmware_prop"`

	// Home brings the app to its home screen from wherever it is, and ends with
	// waiting for something that only that screen shows.
	Home []Step `yaml:"home"`
	// Dialogs may stand in the way at any time; they are answered and journaled.
	Dialogs  []Dialog             `yaml:"dialogs"`
	Read     Reading              `yaml:"read"`
	Modes    map[string]ModeEntry `yaml:"modes"` // by mode: standard, rnm, ldm
	Services []Service            `yaml:"services"`
	Stimuli  []Stimulus           `yaml:"stimuli"`
}

// Reading is how the mode is read: go to a screen, then the first line whose
// selector matches says which it is. Where none does, the mode is unknown.
type Reading struct {
	Go    []Step  `yaml:"go"`
	Shows []Shows `yaml:"shows"`
}

// Shows says that a mode is on where something is on the screen.
type Shows struct {
	Mode string   `yaml:"mode"`
	When Selector `yaml:"when"`
}

// ModeEntry is how a mode is entered, from the home screen.
type ModeEntry struct {
	Enter []Step `yaml:"enter"`
}

// Dialog is answered with Do where When is on the screen.
type Dialog struct {
	Name string   `yaml:"name"`
	When Selector `yaml:"when"`
	Do   []Step   `yaml:"do"`
}

// Service is one switch of restricted network mode.
type Service struct {
	ID       string   `yaml:"id"` // as in the policy
	Go       []Step   `yaml:"go"` // from home to the screen with the switch
	Switch   Selector `yaml:"switch"`
	Stimulus []Step   `yaml:"stimulus"` // from home: makes it speak where it may
}

// Stimulus is something done to the device while it is recorded. What it does on
// the screen before it starts or ends the app by itself begins at the app's home
// screen.
type Stimulus struct {
	Name string `yaml:"name"`
	Do   []Step `yaml:"do"`
}

// Selector finds one node of the screen. All keys that are there must match; ID
// is tried first, and where no node has it, Text. Of several nodes, one that
// can be tapped is preferred, then the first.
type Selector struct {
	ID        string   `yaml:"id"`        // resource id, whole
	Text      []string `yaml:"text"`      // any of these, whole, case folded; also content descriptions
	Checked   *bool    `yaml:"checked"`   // of the node, or of the one switch in the row around it
	Clickable *bool    `yaml:"clickable"` // the node, or the row around it: tells an entry from a title
	Password  bool     `yaml:"password"`  // a field that hides what is typed into it; its text and hint cannot be read
}

// Step is one thing to do. It has exactly one of the keys up to Ask.
type Step struct {
	Tap    *Selector     `yaml:"tap"`
	Switch *Selector     `yaml:"switch"` // taps unless it is already as On says, and reads back
	Type   *Typing       `yaml:"type"`
	Wait   *Selector     `yaml:"wait"`   // until it is on the screen
	Gone   *Selector     `yaml:"gone"`   // until it is not
	Scroll *Selector     `yaml:"scroll"` // down until it is on the screen
	Key    string        `yaml:"key"`    // of Android: back, home, wakeup
	Launch bool          `yaml:"launch"` // the app
	Stop   bool          `yaml:"stop"`   // force-stop it
	Reboot bool          `yaml:"reboot"` // and wait until the device is back on the network
	WiFi   string        `yaml:"wifi"`   // on or off; the bridge must not go through it
	Power  string        `yaml:"power"`  // a power of the bench by its name, with On
	Pause  time.Duration `yaml:"pause"`
	If     *Selector     `yaml:"if"`  // does Then where it is on the screen now
	Ask    string        `yaml:"ask"` // a person to do something, and waits for the answer

	On       bool          `yaml:"on"` // of Switch and Power
	Then     []Step        `yaml:"then"`
	Within   time.Duration `yaml:"within"`   // patience of the step; 0: the driver's default
	Optional bool          `yaml:"optional"` // it is no failure where there is nothing to do it to
}

// Typing is text for an input field: given, or from the environment where it is
// a secret, which then stands in no file and in no log.
type Typing struct {
	Into Selector `yaml:"into"`
	Text string   `yaml:"text"`
	Env  string   `yaml:"env"`
}

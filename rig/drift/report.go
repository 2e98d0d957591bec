package drift

import (
	"net/netip"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/policy"
)

// Report is what changed between two recordings. Its JSON is stable within
// Schema; lists are sorted, never null, and hold base names only.
type Report struct {
	Schema int           `json:"schema"`
	Result policy.Result `json:"result"` // pass: nothing is worse; fail: something is
	Answer string        `json:"answer"` // one line
	// AcceptWaivers: a waived fail counts as no change in Result and Answer.
	AcceptWaivers bool               `json:"accept_waivers,omitempty"`
	Reservations  []Reservation      `json:"reservations"` // the gravest first
	Old           Recording          `json:"old"`
	New           Recording          `json:"new"`
	Policy        policy.FileRef     `json:"policy"` // by which both are judged
	Claims        []Promised         `json:"claims"` // of the policy, in its order
	Windows       []Situation        `json:"windows"`
	Verdicts      []policy.Verdict   `json:"verdicts"` // DRIFT-1, with flows and frames of NEW
	Promises      []Promise          `json:"promises"`
	Destinations  []Destination      `json:"destinations"` // that are new or gone
	Changes       []Change           `json:"changes"`
	Volumes       []Volume           `json:"volumes"`
	NotJudged     []policy.NotJudged `json:"not_judged"`
	Notes         []string           `json:"notes"`
}

// Promised is a claim of the policy in plain words.
type Promised struct {
	Claim  string `json:"claim"`
	Title  string `json:"title"`
	Quote  string `json:"quote,omitempty"`  // of who promised it
	Source string `json:"source,omitempty"` // of the quote
}

// Reservation is a reason to take the answer with care.
type Reservation struct {
	Text   string        `json:"text"`
	Result policy.Result `json:"result"` // inconclusive: the two cannot be compared; pass: they can
}

// Recording is one of the two.
type Recording struct {
	Name      string           `json:"name"`
	SHA256    string           `json:"sha256"`
	Result    policy.Result    `json:"result"` // of all that is judged in it
	Device    Device           `json:"device"`
	App       App              `json:"app"`
	Aircraft  Device           `json:"aircraft"`
	Vantage   string           `json:"vantage,omitempty"`
	Resolvers []netip.Addr     `json:"resolvers"`
	Baseline  *policy.FileRef  `json:"baseline,omitempty"`
	Databases []policy.FileRef `json:"databases"`
	Sealed    *policy.FileRef  `json:"sealed,omitempty"` // of a bundle: the policy by which it was sealed
}

// Device is a model with its firmware.
type Device struct {
	Model    string `json:"model"`
	Firmware string `json:"firmware"`
}

// App is the app under test.
type App struct {
	Package string `json:"package"`
	Version string `json:"version"`
}

// Situation is what the windows of one mode, stimulus and set of switched
// services have in common.
type Situation struct {
	Mode     string            `json:"mode"`
	Stimulus string            `json:"stimulus"`
	Services map[string]string `json:"services,omitempty"` // id to "on" or "off"
	Old      Extent            `json:"old"`
	New      Extent            `json:"new"`
	Alike    bool              `json:"alike"`
	Because  string            `json:"because,omitempty"` // why not
}

// Extent is what a recording has of a situation.
type Extent struct {
	Windows []string `json:"windows"` // names, in order; a repeat repeats it
	Seconds float64  `json:"seconds"` // of all of them
	Fit     bool     `json:"fit"`     // every one is
}

// How a promise, a destination or a value changed.
const (
	Better   = "better"           // NEW passes, OLD did not
	Worse    = "worse"            // NEW fails, OLD did not
	Unproven = "unproven"         // NEW is inconclusive or in error, OLD was not that
	Judged   = "newly judged"     // not judged in OLD
	Unjudged = "no longer judged" // not judged in NEW
	Same     = "same"             // the same result
	New      = "new"              // a destination or value that only NEW has
	Gone     = "gone"             // that only OLD has
)

// Promise is one claim in one window.
type Promise struct {
	Claim    string            `json:"claim"`
	Window   string            `json:"window"`
	Old      policy.Result     `json:"old,omitempty"` // empty where it was not judged
	New      policy.Result     `json:"new,omitempty"`
	Change   string            `json:"change"`
	Result   policy.Result     `json:"result"`             // what it means for the answer: fail is worse, pass is not
	Because  string            `json:"because"`            // of NEW's verdict, or why there is none
	Evidence []policy.Evidence `json:"evidence,omitempty"` // of NEW's verdict, where the promise changed
	Waiver   *policy.Waiver    `json:"waiver,omitempty"`
}

// Destination is one that is new or gone in some mode.
type Destination struct {
	Change    string            `json:"change"`           // New or Gone
	Modes     []string          `json:"modes"`            // in which; "" is between the windows
	Elsewhere []string          `json:"elsewhere"`        // modes in which the other recording has it
	Name      string            `json:"name"`             // for a person: the registrable domain, else who runs it, else the address
	Domain    string            `json:"domain,omitempty"` // registrable domain; empty where nothing names it
	Services  []string          `json:"services"`         // ids of the policy
	Operator  string            `json:"operator,omitempty"`
	ASN       uint32            `json:"asn,omitempty"`
	Countries []string          `json:"countries"`
	Party     party.Party       `json:"party"`
	Hosts     []string          `json:"hosts"`     // names under Domain, at most MostHosts
	Addresses []netip.Addr      `json:"addresses"` // at most MostHosts
	Contacted bool              `json:"contacted"` // else only asked for by DNS
	Sent      uint64            `json:"sent"`      // payload bytes, in Modes
	Received  uint64            `json:"received"`
	Evidence  []policy.Evidence `json:"evidence"` // of the recording that has it
}

// MostHosts bounds Hosts and Addresses of a Destination.
const MostHosts = 16

// What a Change is about.
const (
	Service     = "service"     // of the policy, that was contacted
	Operator    = "operator"    // of destinations
	Country     = "country"     // of destinations
	Host        = "host"        // name below a registrable domain
	Version     = "version"     // of TLS, DTLS or QUIC, or what carries the payload instead
	Fingerprint = "fingerprint" // JA4
)

// Change is one value that is new or gone in a mode.
type Change struct {
	What   string   `json:"what"`
	Change string   `json:"change"` // New or Gone
	Mode   string   `json:"mode"`
	Value  string   `json:"value"`
	At     []string `json:"at"`    // names of the destinations where it is new or gone
	Known  bool     `json:"known"` // the other recording has it in this mode, at another destination
}

// Volume is the payload of a party, or of one destination, in one mode. It is
// counted in the situations that both recordings have.
type Volume struct {
	Mode        string      `json:"mode"`
	Party       party.Party `json:"party,omitempty"`       // of a party as a whole
	Destination string      `json:"destination,omitempty"` // or of one that both have
	Old         Amount      `json:"old"`
	New         Amount      `json:"new"`
	Moved       string      `json:"moved,omitempty"` // "sent", "received" or "sent and received", with "more" or "less"
}

// Amount is payload in a time.
type Amount struct {
	Sent     uint64  `json:"sent"` // bytes that the device sent
	Received uint64  `json:"received"`
	Seconds  float64 `json:"seconds"`
}

// Side is one of the two recordings, judged and surveyed with the same policy.
type Side struct {
	Inventory rig.Inventory
	Report    *policy.Report
	Survey    *policy.Survey
	Sealed    *policy.FileRef // the policy by which it was sealed in a bundle; nil: it is no bundle
}

// Options of Compare.
type Options struct {
	// Require lists claims that must be judged: see policy.Options. Only
	// DRIFT-1 is looked for here.
	Require []string
	// AcceptWaivers makes a waived fail count as no change.
	AcceptWaivers bool
}

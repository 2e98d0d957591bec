package policy

import (
	"net/netip"
	"regexp"
	"time"

	"github.com/spanrig/spanrig/rig/party"
)

// Policy is what a maker promised and how it is decided, read from YAML by Load.
type Policy struct {
	Name    string
	Title   string
	SHA256  string // lower-case hex over the bytes of the file and its overlays
	Claims  []Claim
	Parties []party.Entry // first, provider, operator, third and system entries

	Services   []Service // RNM switches
	Exceptions Exceptions
	Countries  []string // GEO-1: ISO 3166-1 alpha-2, upper case
	Operators  []string // GEO-2: allowed operators, compared with the ASN database's organisation, case-folded substring
	ASNs       []uint32 // GEO-2: allowed autonomous systems
	Anycast    []netip.Prefix
	Resolvers  []party.Entry // known encrypted resolvers (DoH, DoT), by name and address
	Secrets    []Pattern     // TLS-2
	Waivers    []Waiver

	Sources []Source // the files that say all this: see Parse
}

// Source is one file of a policy.
type Source struct {
	File    string // base name
	Content []byte
	Main    bool // it names the policy; else an overlay, or what another file extends
}

// Claim is a promise that the policy wants judged.
type Claim struct {
	ID     string // "LDM-1"
	Title  string // in plain words
	Quote  string // of who promised it
	Source string // where
}

// Service is one switch of restricted network mode.
type Service struct {
	ID     string // "maps"
	Title  string
	Source string
	Sure   string
}

// Exceptions to TLS-1; all are exact.
type Exceptions struct {
	DNS  bool // to the resolver that DHCP, RA or the bench names
	NTP  bool // client packets of 48 bytes
	HTTP []HTTPException
}

// HTTPException is one request that may go in the clear, with an empty body.
type HTTPException struct {
	Method, Host, Path string
	Source, Sure       string
}

// Pattern finds what must not go in the clear.
type Pattern struct {
	ID     string
	What   string         // "credential", "cookie", "position"
	Regexp *regexp.Regexp // over the bytes of a cleartext stream
}

// Waiver is an accepted deviation.
type Waiver struct {
	Claim    string    `json:"claim"`
	Endpoint string    `json:"endpoint"` // name suffix, address or prefix
	Reason   string    `json:"reason"`
	Owner    string    `json:"owner"`
	Expires  time.Time `json:"expires"` // the last day on which it counts, 00:00 UTC
}

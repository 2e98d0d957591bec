package party

import "net/netip"

// Party is whose an endpoint is.
type Party string

const (
	Control  Party = "control"
	First    Party = "first"
	Provider Party = "provider" // works for the first
	Operator Party = "operator" // the lab's or user's own endpoint
	LAN      Party = "lan"
	System   Party = "system" // noise of the operating system
	Third    Party = "third"
	Unknown  Party = "unknown"
)

// Entry is one line of a list.
type Entry struct {
	Party    Party
	Domain   string       // "dji.com" covers itself and all below; "=host.example" only that host; empty for an address entry
	Prefix   netip.Prefix // address entry
	Services []string     // ids of services that use it (RNM)
	Owner    string       // who runs it, in words
	Source   string       // where this is from
	Sure     string       // high, medium, low
	File     string       // base name; empty where it is not from one
	Line     int          // in File, 1-based
}

package world

import (
	"net/netip"
	"strings"

	"github.com/spanrig/spanrig/rig/party"
)

// Service is what listens at an endpoint.
type Service string

// Services, their transport and port.
const (
	HTTP  Service = "http"  // tcp/80: see Serve for what it answers
	HTTPS Service = "https" // tcp/443: the same over TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2
	HTTP3 Service = "http3" // udp/443: the same over QUIC
	TLS10 Service = "tls10" // tcp/443: the same over TLS 1.0 and nothing newer
	DoH   Service = "doh"   // tcp/443: answers /dns-query (RFC 8484) beside the rest; stands beside HTTPS
	DoT   Service = "dot"   // tcp/853 (RFC 7858)
	MQTT  Service = "mqtt"  // tcp/1883
	MQTTS Service = "mqtts" // tcp/8883, over TLS
	RTMP  Service = "rtmp"  // tcp/1935: the handshake, then takes what comes
	NTP   Service = "ntp"   // udp/123
	SUPL  Service = "supl"  // tcp/7275, over TLS: answers each message with one
	Echo  Service = "echo"  // tcp/7 and udp/7 (RFC 862)
	Raw   Service = "raw"   // udp/9999: answers what it gets backwards
)

// Endpoint is a name of the world and what is behind it.
type Endpoint struct {
	Name     string // lower case, no final dot
	Wild     bool   // every name below it has the same addresses, unless it is in the table
	Alias    string // the canonical name that DNS gives first; empty: none
	Party    party.Party
	Switch   string // service of restricted mode that it belongs to, as the policy spells it; empty: none
	Addr4    netip.Addr
	Addr6    netip.Addr
	Country  string // by both databases of countries
	ASN      uint32
	Operator string // by the database of autonomous systems
	Services []Service
}

// Has reports whether a service listens at the endpoint.
func (e *Endpoint) Has(s Service) bool {
	for _, have := range e.Services {
		if have == s {
			return true
		}
	}
	return false
}

// Lookup finds the endpoint of a name: its own, else that of the nearest domain
// above it that is wild.
func Lookup(list []Endpoint, name string) (*Endpoint, bool) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for at, exact := name, true; at != ""; exact = false {
		for i := range list {
			if e := &list[i]; e.Name == at && (exact || e.Wild) {
				return e, true
			}
		}
		_, at, _ = strings.Cut(at, ".")
	}
	return nil, false
}

// For returns the endpoints of a party that belong to a service of restricted
// mode; "" is those that belong to none.
func For(list []Endpoint, p party.Party, service string) []Endpoint {
	var found []Endpoint
	for _, e := range list {
		if e.Party == p && e.Switch == service {
			found = append(found, e)
		}
	}
	return found
}

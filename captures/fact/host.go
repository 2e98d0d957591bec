package fact

import (
	"net"
	"net/netip"
	"strings"
)

// hostName returns the name in an HTTP Host header (RFC 9110 section 7.2):
// lower case, without port and final dot; empty for an address.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Package locate says where an endpoint is and who runs it, from files that
// the user gives: MMDB country and ASN databases, range files of clouds and
// geofeeds. Nothing is looked up on the network.
package locate

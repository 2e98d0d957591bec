// Package locate says where an endpoint is and who runs it, from files that
// the user gives: MMDB country and ASN databases, range files of clouds and
// geofeeds. Nothing is looked up on the network.
//
// Call Open once, then Locate for each address. A Set is read-only and safe for
// concurrent use. No source is believed blindly: a Location says what each one
// knows, and how strong that is together (Strength). Anycast addresses are in
// many places at once, and are said to be.
//
// Databases follow the MaxMind DB file format 2.0, geofeeds RFC 8805.
// Countries are ISO 3166-1 alpha-2 codes in upper case.
package locate

// Package world is what the simulated device can reach: a router that leases
// addresses, advertises its prefix and resolves names, and servers on
// documentation addresses (RFC 5737, RFC 3849) behind the names of the shipped
// policy. All of it comes from real stacks: crypto/tls, net/http, quic-go,
// miekg/dns, an MQTT broker.
//
// Call [Serve] in a process that is inside the world's namespace (see package
// wiring), or [Listen] on a thread that is and [World.Serve] anywhere; Listen
// returns when everything listens. Certificates for every name are made on
// demand by an authority that lives as long as the process; its certificate
// goes to a file for the device to trust, its key nowhere.
//
// [Endpoints] is the table of names: whose each is, where its addresses are by
// the test databases of package fixtures, and what listens there. Nothing
// listens anywhere else, and no other name exists. First-party names are in the
// United States and run by an allowed operator, but for those that are made to
// be elsewhere: see [Abroad], [Foreign] and others beside them.
//
// What each server saw goes to a log, one [Entry] a line.
package world

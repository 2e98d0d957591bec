// Package drift compares two recordings of one kind of device, mostly of two
// firmware releases, and answers one question: is anything worse than in the
// last one?
//
// Judge both with the same policy, [Compare] them, and print [Report]: Answer
// is one line, Exit the code. Everything in it points to the recording NEW.
//
// Where the two are one recording, or of two device models, nobody can say; what
// else hints at a mix-up is a [Reservation], which the answer carries.
//
// # What is compared
//
// Promises: each claim in each window by its result. A promise is worse where
// NEW fails and OLD did not; where NEW is inconclusive and OLD did not fail,
// nobody knows.
//
// Destinations: an endpoint beyond the LAN that the device contacted, or whose
// name it asked DNS for, is known by three things, as the contract says:
// registrable domain, service of the policy, operator. So neither the shard
// number in a name nor the address of the day makes a new one. What nothing
// names is known by service and operator alone, and, where nobody knows the
// operator either, by its address. An unknown operator is no other operator.
// Host names of one shape, such as s1.cdn.example and s27.cdn.example, are one
// family, and a service that the policy ties to one of them is that of all.
// Controls are the rig's, and DNS with the resolver that network or bench name
// is the bench's: neither is a destination. System noise is one.
//
// Windows are alike where mode, stimulus and switched services are the same
// (a [Situation]), the length of one is at most [Alike] times that of the
// other, repeats added up, and every one of them is fit.
//
// DRIFT-1 fails on a destination that OLD has nowhere and that NEW contacts in
// a situation in which OLD was fit and not shorter than NEW by more than
// [Alike]: presence in NEW needs no fitness, absence in OLD does. A new
// destination elsewhere is inconclusive; so is one without name and operator
// where another such address on the same port is gone, for it may be the same
// endpoint, and one that may be a control of the rig: NEW has no control in its
// journal, or the journal has no end and does not cover the contact. It passes where nothing is new and all windows are alike.
//
// Per mode, in the modes that both have: services, operators, countries, host
// names, TLS versions (or what else carries the payload) and JA4 fingerprints
// that are new or gone; and payload bytes by party and by destination, which
// have moved where the rate of one direction changed by [MovedFactor] or more,
// and by [MovedBytes] or more over the time that OLD had.
package drift

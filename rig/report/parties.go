package report

import "github.com/spanrig/spanrig/rig/party"

// partyWord is a party in the order and the words of the page.
type partyWord struct {
	party party.Party
	class string // of the style sheet
	title string
	means string
}

// parties in the order of how much they matter to a reader. The last stands
// for flows that no party was told of: those of other hosts.
var parties = []partyWord{
	{party.First, "first", "First party", "the maker of the product"},
	{party.Provider, "provider", "Provider", "works for the maker"},
	{party.Third, "third", "Third party", "known, and neither of the two"},
	{party.Unknown, "unknown", "Unknown", "nothing says whose it is"},
	{party.Operator, "operator", "User's own", "run by the user of the device"},
	{party.System, "system", "System", "noise of the operating system, by list or baseline"},
	{party.LAN, "lan", "LAN", "inside the network of the bench"},
	{party.Control, "control", "Control", "sent by the rig to prove that the sensor sees"},
	{"", "none", "Other", "no flow of the device"},
}

// partyCount is len(parties), for arrays.
const partyCount = 9

// beyondParties are those beyond the LAN: the first so many of parties.
const beyondParties = 6

var partyIndex = func() map[string]int {
	m := make(map[string]int, len(parties))
	for i, p := range parties {
		m[string(p.party)] = i
	}
	return m
}()

// partyOf is the index of a party by its name in parties.
func partyOf(name string) int {
	if i, ok := partyIndex[name]; ok {
		return i
	}
	return partyCount - 1
}

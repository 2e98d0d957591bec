package policy

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig/party"
)

// judgeQueries is LDM-3: no DNS query for a name outside the system baseline.
// Retries and types of one name are one query.
func judgeQueries(v *view, s *span) outcome {
	var list []finding
	index := map[string]int{}
	for _, q := range v.asked {
		if q.At.Time < s.from || q.At.Time >= s.to || v.early(&q, s) {
			continue
		}
		name, counts := v.queried(q.Name)
		if !counts {
			continue
		}
		n, known := index[name]
		if !known {
			n = len(list)
			index[name] = n
			result, what := v.queryKind(name)
			list = append(list, finding{result: result, what: what, endpoint: name, at: q.At.Time, names: [][]string{{name}}, flow: q.Flow})
		}
		if len(list[n].frames) < flow.MaxFrames && list[n].flow == q.Flow {
			list[n].frames = append(list[n].frames, q.At.Frame)
		}
	}
	for _, f := range v.concealed(s.from, s.to) {
		list = append(list, v.flowFinding(f, s, Inconclusive, "flow~ with application data to encrypted resolvers", ""))
	}
	return weigh(list, s, v.first, "no DNS query for a name outside the system baseline")
}

func (v *view) queryKind(name string) (Result, string) {
	switch {
	case illegible(name):
		return Inconclusive, "DNS query~ whose name cannot be read"
	case v.nameParty(name) == party.First:
		return Fail, "DNS query~ for first-party names"
	}
	return Fail, "DNS query~ for other names outside the system baseline"
}

// illegible reports names that dissect could not read and wrote as a remark in
// angle brackets.
func illegible(name string) bool { return strings.HasPrefix(name, "<") }

// early reports whether a question in the guard belongs to a flow from before.
func (v *view) early(q *fact.Question, s *span) bool {
	if q.At.Time >= s.settled {
		return false
	}
	i, found := slices.BinarySearchFunc(v.flows, q.Flow, func(f deviceFlow, id captures.FrameID) int { return cmp.Compare(f.ID, id) })
	return found && v.flows[i].begun() < s.from
}

// queried returns the name that a question asks for, without an announced
// search domain, and whether it counts.
func (v *view) queried(name string) (string, bool) {
	bare, remote := v.destined(name)
	switch {
	case !remote:
		return bare, false
	case v.nameParty(bare) == party.First, illegible(bare): // the latter may be any name
		return bare, true
	case v.nameParty(bare) == party.System, v.o.Baseline != nil && v.o.Baseline.Covers(bare, netip.Addr{}):
		return bare, false
	}
	return bare, true
}

// destined is queried without the system baseline: it reports whether the name
// is one beyond the LAN, and no control's.
func (v *view) destined(name string) (string, bool) {
	if v.nameParty(name) == party.First {
		return name, true // a search domain hides no first-party name
	}
	bare := v.unsearched(name)
	switch {
	case v.controls.names[name], v.controls.names[bare]:
		return bare, false
	case v.nameParty(bare) == party.First, illegible(bare):
		return bare, true
	case !strings.Contains(bare, "."), isLocalName(bare), v.reversesLAN(bare):
		return bare, false
	}
	return bare, true
}

// unsearched strips the longest announced search domain.
func (v *view) unsearched(name string) string {
	best := name
	for _, domain := range v.search {
		if rest, ok := strings.CutSuffix(name, "."+domain); ok && len(rest) < len(best) {
			best = rest
		}
	}
	return best
}

// isLocalName reports names that never leave the house: RFC 6762, RFC 8375,
// and .lan by custom.
func isLocalName(name string) bool {
	for _, zone := range [...]string{"local", "lan", "home.arpa"} {
		if name == zone || strings.HasSuffix(name, "."+zone) {
			return true
		}
	}
	return false
}

// reversesLAN reports whether name asks for the names of a LAN address or of
// its network (RFC 1035 section 3.5, RFC 3596 section 2.5).
func (v *view) reversesLAN(name string) bool {
	if rest, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		return v.lan.contains(reversed4(rest))
	}
	if rest, ok := strings.CutSuffix(name, ".ip6.arpa"); ok {
		return v.lan.contains(reversed6(rest))
	}
	return false
}

// reversed4 reads the address behind labels in reverse order; missing ones are 0.
func reversed4(labels string) netip.Addr {
	var b [4]byte
	parts := strings.Split(labels, ".")
	for i := 0; i < len(b) && i < len(parts); i++ {
		n, err := strconv.ParseUint(parts[len(parts)-1-i], 10, 8)
		if err != nil {
			break
		}
		b[i] = byte(n)
	}
	return netip.AddrFrom4(b)
}

func reversed6(labels string) netip.Addr {
	var b [16]byte
	parts := strings.Split(labels, ".")
	for i := 0; i < 2*len(b) && i < len(parts); i++ {
		n, err := strconv.ParseUint(parts[len(parts)-1-i], 16, 4)
		if err != nil {
			break
		}
		b[i/2] |= byte(n) << (4 * (1 - i%2))
	}
	return netip.AddrFrom16(b)
}

// concealed lists the flows that carried application data to an encrypted
// resolver in an interval: names may be in them.
func (v *view) concealed(from, to int64) []*deviceFlow {
	var list []*deviceFlow
	for i := range v.flows {
		f := &v.flows[i]
		if !v.resolvesHidden(f) || !hasAppData(&f.App) {
			continue
		}
		if did := sum(f.Flow, int(f.side), v.cuts, from, to); did.Payloads > 0 && !did.ClosingAlert {
			list = append(list, f)
		}
	}
	return list
}

// Ports and protocol names of DNS over TLS and QUIC (RFC 7858, RFC 9250).
const dotPort = 853

// resolvesHidden reports whether the peer is an encrypted resolver: known to
// the policy, or by what the flow shows.
func (v *view) resolvesHidden(f *deviceFlow) bool {
	if f.App.DoH {
		return true
	}
	encrypted := f.App.TLS != nil || f.App.QUIC != nil
	if !encrypted {
		return false
	}
	if f.peer.Port == dotPort || offers(&f.App, "dot", "doq") {
		return true
	}
	for _, group := range f.who.names {
		if slices.ContainsFunc(group, func(name string) bool { _, ok := v.encrypted.ByName(name); return ok }) {
			return true
		}
	}
	_, ok := v.encrypted.ByAddr(f.peer.Addr)
	return ok
}

// offers reports whether the hello offers one of the application protocols.
func offers(app *dissect.Facts, protocols ...string) bool {
	var alpn []string
	if app.TLS != nil {
		alpn = app.TLS.ALPN
	}
	if app.QUIC != nil {
		alpn = slices.Concat(alpn, app.QUIC.ALPN)
	}
	return slices.ContainsFunc(alpn, func(p string) bool { return slices.Contains(protocols, p) })
}

// hasAppData reports whether the flow carried what is neither handshake nor alert.
func hasAppData(app *dissect.Facts) bool {
	if app.DoH {
		return true
	}
	if t := app.TLS; t != nil && t.AppData[captures.Orig]+t.AppData[captures.Resp] > 0 {
		return true
	}
	q := app.QUIC
	return q != nil && q.Packets[captures.Orig]+q.Packets[captures.Resp] > 0
}

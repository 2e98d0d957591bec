package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/rig/party"
)

// judgeEncryption is TLS-1: application payload goes beyond the LAN encrypted
// and authenticated, or is a listed exception.
func judgeEncryption(v *view, s *span) outcome {
	var list []finding
	good, excepted := 0, 0
	for i := range v.flows {
		f := &v.flows[i]
		if f.Form == fact.NoPayload || f.who.party == party.Control || !v.beyond(f) || !v.present(f, s) {
			continue
		}
		if v.excepted(f) {
			excepted++
		} else if v.perhapsExcepted(f) {
			list = append(list, v.flowFinding(f, s, Inconclusive, "flow~ in the clear that may be a listed exception", "not captured whole"))
		} else if r, what, remark := encryption(f); r == Pass {
			good++
		} else if r != "" {
			list = append(list, v.flowFinding(f, s, r, what, remark))
		}
	}
	absent := "no application payload beyond the LAN"
	if good+excepted > 0 {
		absent = count(good, "flow~") + " beyond the LAN encrypted and authenticated, " + count(excepted, "listed exception~") + ", nothing else"
	}
	return v.onLAN(weigh(list, s, v.first, absent))
}

// encryption judges the form of one flow; an empty result means that there is
// nothing to judge.
func encryption(f *deviceFlow) (r Result, what, remark string) {
	app := &f.App
	if f.root != f.Fact && app.QUIC == nil && (app.TLS == nil || !app.TLS.ServerHello) {
		app = &f.root.App // the handshake was before an idle split
	}
	switch {
	case app.QUIC != nil:
		return judgeQUIC(f, app)
	case app.TLS != nil:
		return judgeTLS(f, app.TLS)
	case app.Protocol == dissect.GQUICProtocol:
		return Inconclusive, "flow~ of Google QUIC, which is not the IETF's", ""
	case app.Protocol.Encrypts():
		return Inconclusive, "flow~ of a protocol that is neither TLS nor QUIC", string(app.Protocol)
	case f.Form == fact.Cleartext:
		return Fail, "flow~ in the clear", ""
	}
	return Inconclusive, "flow~ of an unknown protocol, or whose handshake is nowhere in the recording", ""
}

func judgeQUIC(f *deviceFlow, app *dissect.Facts) (r Result, what, remark string) {
	switch {
	case app.Protocol == dissect.GQUICProtocol || app.QUIC.TLS == nil:
		return Inconclusive, "flow~ of Google QUIC, which is not the IETF's", dissect.QUICVersionName(app.QUIC.Version)
	case unanswered(f):
		return "", "", ""
	}
	return Pass, "", "" // QUIC has TLS 1.3 inside: RFC 9001
}

// unanswered reports whether nothing came back to the opening payload: then no
// application data went.
func unanswered(f *deviceFlow) bool { return f.Payload[captures.Resp] == 0 }

// Versions from which on TLS and DTLS are good enough.
const (
	tls12  = 0x0303
	dtls12 = 0xfefd
)

func judgeTLS(f *deviceFlow, t *dissect.TLS) (r Result, what, remark string) {
	records := t.AppData[captures.Orig] + t.AppData[captures.Resp]
	switch {
	case !t.ServerHello && records == 0 && t.Hello && (unanswered(f) || len(t.Alerts) > 0):
		return "", "", "" // refused
	case !t.ServerHello || t.Version == 0:
		return Inconclusive, "TLS flow~ whose handshake is nowhere in the recording", ""
	case records == 0 && len(t.Alerts) > 0:
		return "", "", "" // broken off before application data
	case old(t.Version):
		return Fail, "flow~ of an older version than TLS 1.2", dissect.VersionName(t.Version)
	}
	switch class := dissect.ClassifyCipher(t.Cipher); class {
	case dissect.CipherSound:
		return Pass, "", ""
	case dissect.CipherUnknown:
		return Inconclusive, "TLS flow~ with a suite that is not registered", dissect.CipherName(t.Cipher)
	default:
		return Fail, "TLS flow~ with a suite that does not protect", fmt.Sprintf("%s (%s)", dissect.CipherName(t.Cipher), weaknesses[class])
	}
}

// old compares versions; those of DTLS count downwards from 0xfeff (RFC 6347).
func old(version uint16) bool {
	if version>>8 == 0xfe {
		return version > dtls12
	}
	return version < tls12
}

// weaknesses say why a suite of a class does not authenticate or encrypt.
var weaknesses = map[dissect.CipherClass]string{
	dissect.CipherNull: "no encryption", dissect.CipherAnonymous: "no authentication",
	dissect.CipherExport: "export grade", dissect.CipherRC4: "RC4 is broken",
}

// excepted reports whether the flow is one of the policy's exact exceptions.
func (v *view) excepted(f *deviceFlow) bool {
	e := &v.policy.Exceptions
	switch f.App.Protocol {
	case dissect.DNSProtocol:
		return e.DNS && v.resolvers[f.peer.Addr] && f.App.DNS != nil && f.App.DNS.Odd == 0
	case dissect.NTPProtocol:
		return e.NTP && f.side == captures.Orig && f.App.NTP != nil && f.App.NTP.Clients > 0 && f.App.NTP.Odd == 0
	case dissect.HTTPProtocol:
		h := f.App.HTTP
		return h != nil && len(h.Requests) > 0 && h.MoreRequests == 0 && h.Upgrade == "" && !f.HeadGap && !f.HeadCut && e.allowsAll(h)
	}
	return false
}

// perhapsExcepted reports whether what was captured of a flow is no more than an
// exception allows, and the rest is missing: bytes, the host, or all that the
// device sent.
func (v *view) perhapsExcepted(f *deviceFlow) bool {
	h, e := f.App.HTTP, &v.policy.Exceptions
	switch {
	case f.Packets[f.side] == 0:
		return f.App.Protocol == dissect.NTPProtocol && e.NTP || f.App.Protocol == dissect.HTTPProtocol && len(e.HTTP) > 0
	case f.App.Protocol != dissect.HTTPProtocol || !f.HeadGap && !f.HeadCut:
		return false
	case h == nil:
		return len(e.HTTP) > 0
	}
	return h.MoreRequests == 0 && h.Upgrade == "" && !slices.ContainsFunc(h.Requests, func(r dissect.HTTPRequest) bool {
		return !slices.ContainsFunc(e.HTTP, func(x HTTPException) bool {
			if r.Host == "" {
				r.Host = x.Host
			}
			return x.covers(&r)
		})
	})
}

// allowsAll reports whether every request may go in the clear.
func (e *Exceptions) allowsAll(h *dissect.HTTP) bool {
	return !slices.ContainsFunc(h.Requests, func(r dissect.HTTPRequest) bool {
		return !slices.ContainsFunc(e.HTTP, func(x HTTPException) bool { return x.covers(&r) })
	})
}

// covers reports whether a request may go in the clear: by method, host, path
// and empty body.
func (x *HTTPException) covers(r *dissect.HTTPRequest) bool {
	return r.Body == 0 && x.Method == r.Method && strings.EqualFold(x.Host, r.Host) && x.Path == r.Path
}

package policy

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/rig/party"
)

// judgeSecrets is TLS-2: nothing secret goes beyond the LAN in the clear. It
// knows no exception.
func judgeSecrets(v *view, s *span) outcome {
	var list []finding
	read := 0
	for i := range v.flows {
		f := &v.flows[i]
		if f.who.party == party.Control || !v.beyond(f) || !legible(f) || !v.present(f, s) {
			continue
		}
		if f.Form == fact.Cleartext {
			read++
		}
		list = append(list, v.secretFindings(f, s)...)
	}
	absent := "nothing in the clear beyond the LAN"
	if read > 0 {
		absent = "no " + v.sought() + " in " + count(read, "cleartext flow~") + " beyond the LAN"
	}
	return v.onLAN(weigh(list, s, v.first, absent))
}

// legible reports whether bytes of the flow can be searched: those in the
// clear, also before a change to TLS, and those of a protocol that nothing
// recognises.
func legible(f *deviceFlow) bool {
	return f.Form == fact.Cleartext || f.Streams[captures.Orig] != nil || f.Streams[captures.Resp] != nil
}

// secretFindings is what one flow shows, or why it cannot be read whole.
func (v *view) secretFindings(f *deviceFlow, s *span) (list []finding) {
	for _, dir := range [...]captures.Dir{captures.Orig, captures.Resp} {
		stream := f.Streams[dir]
		if stream == nil {
			continue
		}
		for _, hit := range v.streamSecrets(f.App.Protocol, stream.Data) {
			one := v.flowFinding(f, s, Fail, hit.what+"~ in the clear", "")
			one.frames = []captures.FrameID{frameAt(stream, hit.offset)}
			list = append(list, one)
		}
	}
	if why := unread(f); why != "" && f.App.Protocol != "" { // an unknown protocol is TLS-1's doubt
		list = append(list, v.flowFinding(f, s, Inconclusive, "cleartext flow~ that cannot be read whole", why))
	}
	return list
}

type secret struct {
	what   string
	offset int
}

// shortestSerial is the least length at which a serial number is no coincidence.
const shortestSerial = 4

// sought words what is looked for: a serial number only where one is known.
func (v *view) sought() string {
	if len(v.rec.Inventory.Device.Serial) < shortestSerial {
		return "credential, cookie or position"
	}
	return "credential, cookie, serial number or position"
}

// streamSecrets finds what a stream shows as it was sent, and what it shows
// without its framing.
func (v *view) streamSecrets(p dissect.Protocol, b []byte) []secret {
	hits := v.secrets(p, b)
	u := unframe(p, b)
	if len(u.text) == 0 {
		return hits
	}
	for _, hit := range v.secrets("", u.text) {
		hit.offset = u.offset(hit.offset)
		if !slices.ContainsFunc(hits, func(known secret) bool { return known.what == hit.what }) {
			hits = append(hits, hit)
		}
	}
	return hits
}

// secrets finds the first match of each pattern, a binary login, and the
// device's serial number.
func (v *view) secrets(p dissect.Protocol, b []byte) (hits []secret) {
	if what, found := binaryLogin(p, b); found {
		hits = append(hits, secret{what, 0})
	}
	for i := range v.policy.Secrets {
		pattern := &v.policy.Secrets[i]
		if at := pattern.Regexp.FindIndex(b); at != nil {
			hits = append(hits, secret{pattern.What, at[0]})
		}
	}
	if serial := v.rec.Inventory.Device.Serial; len(serial) >= shortestSerial {
		if at := bytes.Index(bytes.ToLower(b), bytes.ToLower([]byte(serial))); at >= 0 {
			hits = append(hits, secret{"serial number", at})
		}
	}
	return hits
}

// frameAt is the frame that brought the byte at offset.
func frameAt(s *flow.Stream, offset int) captures.FrameID {
	var frame captures.FrameID
	for _, m := range s.Marks {
		if m.Offset > offset {
			break
		}
		frame = m.Frame
	}
	return frame
}

// compressed finds a head that announces what cannot be searched.
var compressed = regexp.MustCompile(`(?i)\r\n(?:content-encoding|transfer-encoding):[ \t]*[^\r\n]*(?:gzip|deflate|compress|br|zstd)|\r\nsec-websocket-extensions:[^\r\n]*deflate`)

// unread says why the cleartext of a flow cannot be searched whole; empty
// where it can.
func unread(f *deviceFlow) string {
	if f.App.Protocol == dissect.HTTP2Protocol {
		return "its heads are compressed"
	}
	if f.HeadCut {
		return "frames are cut"
	}
	for _, dir := range [...]captures.Dir{captures.Orig, captures.Resp} {
		switch stream := f.Streams[dir]; {
		case stream == nil && f.Payload[dir] > 0:
			return "its bytes were not kept"
		case stream == nil:
		case stream.Gap:
			return "bytes are missing"
		case stream.Cut:
			return fmt.Sprintf("it is longer than the %d bytes that are read", len(stream.Data))
		case compressed.Match(stream.Data):
			return "it is compressed"
		}
	}
	return ""
}

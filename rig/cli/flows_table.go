package cli

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
)

// flowTable prints one line a flow as it comes, in columns that fit the
// terminal; in a pipe names and endpoints are never cut.
func flowTable(t terminal, w io.Writer, attribute attributor) func(*fact.Fact) error {
	const fixed = 8 + 13 + 6 + 15 + 9 + 6 + 7 // widths below, with their gaps
	end := 21
	if t.width > 0 {
		end = min(max((t.width-fixed)/4, 15), 40)
	}
	layout := func(id, start, proto, orig, resp, form, bytes, state, party, name string) string {
		return fmt.Sprintf("%7s %s %s %s %s %s %8s %s %s %s", id, fit(start, 12), fit(proto, 5), fit(orig, end), fit(resp, end),
			fit(form, 14), bytes, fit(state, 6), fit(party, 6), name)
	}
	header := t.style(bold, layout("ID", "START (UTC)", "PROTO", "ORIGINATOR", "RESPONDER", "FORM", "BYTES", "STATE", "PARTY", "NAME"))
	return func(f *fact.Fact) error {
		at := attribute(f)
		line := layout(strconv.FormatUint(f.ID.Number(), 10), time.Unix(0, f.Start).UTC().Format("15:04:05.000"), protoText(f),
			t.endpoint(f.Orig, end), t.endpoint(f.Resp, end), formText(f), size(f.Bytes[captures.Orig]+f.Bytes[captures.Resp]),
			string(f.State), at.Party, nameText(f, at))
		if t.width > 0 {
			line = strings.TrimRight(fit(line, t.width-1), " ")
		}
		if header != "" {
			line, header = header+"\n"+line, ""
		}
		_, err := fmt.Fprintln(w, strings.TrimRight(line, " "))
		return err
	}
}

// endpoint prints address and port; where a terminal has no room, the address
// is cut and the port kept.
func (t terminal) endpoint(e flow.Endpoint, room int) string {
	if e.Port == 0 {
		return e.Addr.String()
	}
	s := netip.AddrPortFrom(e.Addr, e.Port).String()
	if t.width == 0 || len(s) <= room {
		return s
	}
	port := fmt.Sprintf("…]:%d", e.Port)
	return s[:max(room-len(port)+2, 0)] + port
}

// protoText is the protocol's name in the five columns that it has.
func protoText(f *fact.Fact) string {
	if f.Proto == packet.ICMPv6 {
		return "icmp6"
	}
	return fact.ProtoName(f.Proto)
}

func formText(f *fact.Fact) string {
	switch {
	case f.App.QUIC != nil:
		return "quic " + dissect.QUICVersionName(f.App.QUIC.Version)
	case f.App.TLS != nil && f.App.TLS.Version != 0:
		name := dissect.VersionName(f.App.TLS.Version)
		if strings.HasPrefix(name, "1.") {
			name = "tls " + name
		}
		return name
	case f.App.Protocol != "":
		return string(f.App.Protocol)
	case f.Form == fact.Unknown:
		return "unknown"
	}
	return "-"
}

func nameText(f *fact.Fact, at fact.Attribution) string {
	var parts []string
	if len(f.Names) > 0 {
		parts = append(parts, printable(f.Names[0].Name))
	} else if d := f.App.DNS; d != nil && len(d.Queries) > 0 {
		parts = append(parts, "? "+printable(d.Queries[0]))
	}
	if at.Country != "" {
		parts = append(parts, at.Country)
	}
	if at.Operator != "" {
		parts = append(parts, printable(at.Operator))
	}
	return strings.Join(parts, ", ")
}

package cli

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/packet"
	"github.com/spanrig/spanrig/rig/report"
)

// columns are the widths of the flow table.
type columns struct {
	start, orig, resp, form int
	volume                  bool // bytes and state
	party                   bool
}

// columnsFor spends what a narrow terminal has on the responder and its name.
// In a pipe nothing is cut.
func columnsFor(t terminal, party bool) columns {
	switch {
	case t.width == 0 || t.width >= 150:
		return columns{start: 12, orig: 21, resp: 21, form: 14, volume: true, party: party}
	case t.width >= 115:
		return columns{start: 12, orig: 17, resp: 21, form: 10, volume: true, party: party}
	}
	return columns{start: 8, orig: 11, resp: 18, form: 8, party: party}
}

// flowTable prints one line a flow as it comes, in columns that fit the
// terminal; in a pipe names and endpoints are never cut.
func flowTable(t terminal, w io.Writer, attribute attributor, party bool) func(*fact.Fact) error {
	c := columnsFor(t, party)
	layout := func(id, start, proto, orig, resp, form, bytes, state, party, name string) string {
		line := fmt.Sprintf("%7s %s %s %s %s %s ", id, fit(start, c.start), fit(proto, 5), t.column(orig, c.orig), t.column(resp, c.resp), t.column(form, c.form))
		if c.volume {
			line += fmt.Sprintf("%8s %s ", bytes, fit(state, 6))
		}
		if c.party {
			line += fit(party, 8) + " "
		}
		if line += name; t.width > 0 {
			line = fit(line, t.width-1)
		}
		return strings.TrimRight(line, " ")
	}
	header := t.style(bold, layout("ID", "START (UTC)", "PROTO", "ORIGINATOR", "RESPONDER", "FORM", "BYTES", "STATE", "PARTY", "NAME"))
	return func(f *fact.Fact) error {
		at := attribute(f)
		line := layout(strconv.FormatUint(f.ID.Number(), 10), time.Unix(0, f.Start).UTC().Format("15:04:05.000")[:c.start], protoText(f),
			t.endpoint(f.Orig, c.orig), t.endpoint(f.Resp, c.resp), formText(f), report.Size(f.Bytes[captures.Orig]+f.Bytes[captures.Resp]),
			string(f.State), at.Party, nameText(f, at))
		if header != "" {
			line, header = header+"\n"+line, ""
		}
		_, err := fmt.Fprintln(w, line)
		return err
	}
}

// column pads s, and cuts it only on a terminal.
func (t terminal) column(s string, n int) string {
	if t.width == 0 {
		n = max(n, utf8.RuneCountInString(s))
	}
	return fit(s, n)
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
	port := fmt.Sprintf("…:%d", e.Port)
	return s[:max(room-utf8.RuneCountInString(port), 0)] + port
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

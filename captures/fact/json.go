package fact

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
)

// Attribution is what lists and databases of the user say of the responder.
// The zero value prints nothing.
type Attribution struct {
	Party    string
	Country  string // ISO 3166-1 alpha-2
	ASN      uint32
	Operator string
	Device   string        // "orig" or "resp": the end that was judged as the device
	Services []string      // of the device's app that the peer serves
	RTT      time.Duration // of the handshake, flow.Flow.RTT; 0: unknown, or not asked for
}

// Encoder prints facts as contract section 3 has them, one JSON object a line.
// It is written by hand because a capture has hundreds of thousands of flows:
// encoding/json takes four times as long.
type Encoder struct {
	// Files are the base names of the recording's capture files; with more
	// than one, each flow names its own.
	Files []string

	day     int64 // of prefix, days since the epoch
	prefix  []byte
	scratch []byte
}

// Append appends the line of f, newline included, to b.
func (e *Encoder) Append(b []byte, f *Fact, at Attribution) []byte {
	b = append(b, `{"id":`...)
	b = strconv.AppendUint(b, f.ID.Number(), 10)
	if file := f.ID.File(); len(e.Files) > 1 && file < len(e.Files) {
		b = appendField(b, "file", e.Files[file])
	}
	b = appendField(b, "proto", ProtoName(f.Proto))
	b = e.appendEnd(append(b, `,"orig":`...), f.Orig)
	b = e.appendEnd(append(b, `,"resp":`...), f.Resp)
	b = e.appendTime(append(b, `,"start":`...), f.Start)
	b = e.appendTime(append(b, `,"end":`...), f.End)
	b = appendCount(b, "orig_packets", f.Packets[captures.Orig])
	b = appendCount(b, "resp_packets", f.Packets[captures.Resp])
	b = appendCount(b, "orig_bytes", f.Bytes[captures.Orig])
	b = appendCount(b, "resp_bytes", f.Bytes[captures.Resp])
	b = appendCount(b, "duplicates", f.Duplicates)
	b = appendField(b, "state", string(f.State))
	b = appendField(b, "community_id", f.CommunityID(0))
	if len(f.VLAN) > 0 {
		b = append(b, `,"vlan":[`...)
		for i, id := range f.VLAN {
			b = strconv.AppendUint(comma(b, i), uint64(id), 10)
		}
		b = append(b, ']')
	}
	b = e.appendApp(b, &f.App)
	b = appendNames(b, f.Names)
	b = appendText(b, "party", at.Party)
	b = appendText(b, "country", at.Country)
	if at.ASN != 0 {
		b = appendCount(b, "asn", uint64(at.ASN))
	}
	b = appendText(b, "operator", at.Operator)
	b = appendText(b, "device", at.Device)
	b = appendList(b, "services", at.Services)
	if at.RTT > 0 {
		b = appendCount(b, "rtt_ns", uint64(at.RTT))
	}
	return append(b, '}', '\n')
}

func (e *Encoder) appendApp(b []byte, app *dissect.Facts) []byte {
	b = appendText(b, "protocol", string(app.Protocol))
	if app.TLS != nil {
		b = e.appendTLS(b, app.TLS)
	}
	if app.QUIC != nil {
		b = appendQUIC(b, app.QUIC)
	}
	if app.DNS != nil {
		b = appendDNS(b, app.DNS)
	}
	if app.HTTP != nil {
		b = appendHTTP(b, app.HTTP)
	}
	return appendText(b, "target", app.Target)
}

func (e *Encoder) appendEnd(b []byte, end flow.Endpoint) []byte {
	b = end.Addr.AppendTo(append(b, `{"addr":"`...))
	b = append(b, `","port":`...)
	return append(strconv.AppendUint(b, uint64(end.Port), 10), '}')
}

// appendTime prints RFC 3339 with as many decimals as needed, UTC. The date is
// kept from one call to the next: flows come in order of time.
func (e *Encoder) appendTime(b []byte, ns int64) []byte {
	const dayNS = int64(24 * time.Hour)
	day := ns / dayNS
	if ns%dayNS < 0 {
		day--
	}
	if e.prefix == nil || day != e.day {
		e.day, e.prefix = day, time.Unix(0, day*dayNS).UTC().AppendFormat(e.prefix[:0], `"2006-01-02T`)
	}
	ns -= day * dayNS
	b = append(b, e.prefix...)
	s := ns / int64(time.Second)
	b = append(b, digit(s/36000), digit(s/3600), ':', digit(s%3600/600), digit(s%3600/60), ':', digit(s%60/10), digit(s))
	if frac := ns % int64(time.Second); frac != 0 {
		b = append(b, '.')
		for unit := int64(time.Second) / 10; frac != 0; unit /= 10 {
			b = append(b, digit(frac/unit))
			frac %= unit
		}
	}
	return append(b, 'Z', '"')
}

func digit(n int64) byte { return '0' + byte(n%10) }

func appendNames(b []byte, names []Name) []byte {
	if len(names) == 0 {
		return b
	}
	b = append(b, `,"names":[`...)
	for i, n := range names[:min(len(names), dissect.Limit)] {
		b = appendString(append(comma(b, i), `{"name":`...), n.Name)
		b = append(appendField(b, "source", string(n.Source)), '}')
	}
	b = append(b, ']')
	if more := len(names) - dissect.Limit; more > 0 {
		b = appendCount(b, "more", uint64(more))
	}
	return b
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// appendCount, appendField and appendText append a further member of an
// object; appendText leaves an empty one out.
func appendCount(b []byte, key string, n uint64) []byte {
	return strconv.AppendUint(appendKey(b, key), n, 10)
}

func appendField(b []byte, key, value string) []byte { return appendString(appendKey(b, key), value) }

func appendText(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendField(b, key, value)
}

func appendKey(b []byte, key string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(append(append(b, '"'), key...), '"', ':')
}

func appendList(b []byte, key string, list []string) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(appendKey(b, key), '[')
	for i, s := range list {
		b = appendString(comma(b, i), s)
	}
	return append(b, ']')
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string (RFC 8259 section 7). Bytes that are
// no UTF-8 become U+FFFD, as in encoding/json.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
				i++
				continue
			}
			b = append(append(b, s[start:i]...), '\\')
			switch c {
			case '"', '\\':
				b = append(b, c)
			default:
				b = append(b, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(append(b, s[start:i]...), "\ufffd"...)
			start = i + 1
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}

package fact

import (
	"encoding/hex"
	"strconv"

	"github.com/spanrig/spanrig/captures/dissect"
)

func (e *Encoder) appendTLS(b []byte, t *dissect.TLS) []byte {
	b = append(b, `,"tls":{`...)
	b = appendText(b, "sni", t.SNI)
	if t.Version != 0 {
		b = appendField(b, "version", dissect.VersionName(t.Version))
	}
	if len(t.Offered) > 0 {
		b = append(appendKey(b, "offered"), '[')
		for i, v := range t.Offered {
			b = appendString(comma(b, i), dissect.VersionName(v))
		}
		b = append(b, ']')
	}
	if t.ServerHello && t.Version != 0x0002 { // the suites of SSL 2.0 have numbers of their own
		b = appendField(b, "cipher", dissect.CipherName(t.Cipher))
	}
	b = appendList(b, "alpn", t.ALPN)
	b = appendText(b, "ja3", t.JA3)
	b = appendText(b, "ja4", t.JA4)
	if t.Hello {
		b = strconv.AppendBool(appendKey(b, "ech_offered"), t.ECH)
	}
	if len(t.Alerts) > 0 {
		b = append(appendKey(b, "alerts"), '[')
		for i, a := range t.Alerts {
			b = appendAlert(comma(b, i), a)
		}
		b = append(b, ']')
	}
	if len(t.Certificates) > 0 {
		b = append(appendKey(b, "certificates"), '[')
		for i := range t.Certificates {
			b = e.appendCertificate(comma(b, i), &t.Certificates[i])
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendAlert(b []byte, a dissect.Alert) []byte {
	b = appendField(append(b, '{'), "from", a.From.String())
	if a.Encrypted {
		b = append(b, `,"encrypted":true`...)
	} else {
		level := "warning"
		if a.Level == 2 {
			level = "fatal"
		}
		b = appendCount(appendField(b, "level", level), "code", uint64(a.Code))
	}
	return append(appendCount(b, "frame", a.At.Frame.Number()), '}')
}

func (e *Encoder) appendCertificate(b []byte, c *dissect.Certificate) []byte {
	b = append(b, '{')
	b = appendText(b, "subject", c.Subject)
	b = appendText(b, "issuer", c.Issuer)
	names := c.Names[:min(len(c.Names), dissect.Limit)]
	b = appendList(b, "names", names)
	if !c.NotAfter.IsZero() {
		e.scratch = c.NotAfter.UTC().AppendFormat(e.scratch[:0], "2006-01-02T15:04:05Z")
		b = appendField(b, "not_after", string(e.scratch))
	}
	b = append(appendKey(b, "sha256"), '"')
	b = append(hex.AppendEncode(b, c.SHA256[:]), '"')
	return appendMore(b, uint64(len(c.Names)-len(names)))
}

func appendQUIC(b []byte, q *dissect.QUIC) []byte {
	b = append(b, `,"quic":{`...)
	b = appendField(b, "version", dissect.QUICVersionName(q.Version))
	b = appendText(b, "sni", q.SNI)
	b = appendList(b, "alpn", q.ALPN)
	b = appendText(b, "ja4", q.JA4)
	if t := q.TLS; t != nil {
		if t.ServerHello {
			b = appendField(b, "cipher", dissect.CipherName(t.Cipher))
		}
		if t.Hello {
			b = strconv.AppendBool(appendKey(b, "ech_offered"), t.ECH)
		}
	}
	return append(b, '}')
}

func appendDNS(b []byte, d *dissect.DNS) []byte {
	b = append(b, `,"dns":{`...)
	b = appendList(b, "queries", d.Queries) // every one: MaxQueries, not Limit, bounds them (CHANGELOG.md)
	if len(d.Answers) > 0 {
		b = append(appendKey(b, "answers"), '[')
		for i, a := range d.Answers {
			b = appendField(append(comma(b, i), '{'), "name", a.Name)
			b = appendField(b, "type", dissect.TypeName(a.Type))
			b = append(appendField(b, "data", a.Data), '}')
		}
		b = append(b, ']')
	}
	return appendMore(b, d.MoreQueries+d.MoreAnswers)
}

func appendHTTP(b []byte, h *dissect.HTTP) []byte {
	b = append(b, `,"http":{`...)
	b = appendList(b, "hosts", h.Hosts)
	if len(h.Requests) > 0 {
		b = append(appendKey(b, "requests"), '[')
		for i := range h.Requests {
			r := &h.Requests[i]
			b = appendField(append(comma(b, i), '{'), "method", r.Method)
			b = appendField(b, "path", r.Path)
			b = appendText(b, "user_agent", r.UserAgent)
			b = append(appendCount(b, "frame", r.At.Frame.Number()), '}')
		}
		b = append(b, ']')
	}
	return appendMore(b, h.MoreHosts+h.MoreRequests)
}

// appendMore closes an object whose lists left n entries out.
func appendMore(b []byte, n uint64) []byte {
	if n > 0 {
		b = appendCount(b, "more", n)
	}
	return append(b, '}')
}

// ProtoName returns the lower-case IANA name of an IP protocol, or its number.
func ProtoName(proto uint8) string {
	if name, ok := protoNames[proto]; ok {
		return name
	}
	return strconv.Itoa(int(proto))
}

// Protocols that appear in captures, by the IANA registry of protocol numbers.
var protoNames = map[uint8]string{
	1: "icmp", 2: "igmp", 4: "ipv4", 6: "tcp", 8: "egp", 9: "igp", 17: "udp", 27: "rdp", 33: "dccp",
	41: "ipv6", 46: "rsvp", 47: "gre", 50: "esp", 51: "ah", 58: "ipv6-icmp", 88: "eigrp", 89: "ospfigp",
	94: "ipip", 97: "etherip", 103: "pim", 108: "ipcomp", 112: "vrrp", 115: "l2tp", 132: "sctp",
	135: "mobility header", 136: "udplite", 137: "mpls-in-ip",
}

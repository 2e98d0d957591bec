package report

import (
	"cmp"
	"slices"
	"strings"
)

// secrets sums flows beyond the LAN by how their payload went, and TLS and QUIC
// clients by fingerprint.
type secrets struct {
	forms  map[string]*form
	prints map[print]*printed
	rest   volume // beyond mostPrints
}

// form is one way in which payload went: "TLS 1.3", "http".
type form struct {
	title string
	safe  bool // an encrypting protocol
	volume
	parties [partyCount]volume
}

// print is what a client shows of itself in its first hello, and what the
// server chose.
type print struct{ version, cipher, alpn, ja3, ja4 string }

type printed struct {
	print
	volume
	parties [partyCount]bool
	modes   [modeCount]bool
	names   []string
	more    bool // names
	first   key
}

const (
	mostForms  = 200
	mostPrints = 5000
	mostNames  = 3
)

func newSecrets() secrets {
	return secrets{forms: map[string]*form{}, prints: map[print]*printed{}}
}

func (s *secrets) add(l line, party, mode int) {
	title, safe := formOf(l)
	f := s.forms[title]
	if f == nil && len(s.forms) < mostForms {
		f = &form{title: title, safe: safe}
		s.forms[title] = f
	}
	if f != nil {
		f.add(l)
		f.parties[party].add(l)
	}
	if h, ok := l.hello(); ok {
		s.print(l, h, party, mode, title)
	}
}

// ciphers are protocols that encrypt, as flows spell them.
var ciphers = map[string]string{"ssh": "SSH", "wireguard": "WireGuard"}

// formOf words how the payload of a flow went.
func formOf(l line) (title string, safe bool) {
	switch {
	case l.QUIC != nil:
		return "QUIC " + l.QUIC.Version, true
	case l.TLS != nil && l.TLS.Version != "":
		if strings.HasPrefix(l.TLS.Version, "DTLS") || strings.HasPrefix(l.TLS.Version, "SSL") {
			return l.TLS.Version, !strings.HasPrefix(l.TLS.Version, "SSL")
		}
		if l.Proto == "udp" {
			return "DTLS " + l.TLS.Version, true
		}
		return "TLS " + l.TLS.Version, true
	case l.TLS != nil:
		return "TLS, no version agreed", true
	case ciphers[l.Protocol] != "":
		return ciphers[l.Protocol], true
	case l.Protocol != "":
		return strings.ToUpper(l.Protocol) + ", in the clear", false
	}
	return "not recognised, or no payload", false
}

func (s *secrets) print(l line, h hello, party, mode int, title string) {
	k := print{title, h.cipher, strings.Join(h.alpn, ", "), h.ja3, h.ja4}
	p := s.prints[k]
	if p == nil {
		if len(s.prints) >= mostPrints {
			s.rest.add(l)
			return
		}
		p = &printed{print: k, first: l.key()}
		s.prints[k] = p
	}
	p.add(l)
	p.parties[party], p.modes[mode] = true, true
	if name := l.name(); !slices.Contains(p.names, name) {
		if len(p.names) < mostNames {
			p.names = append(p.names, name)
		} else {
			p.more = true
		}
	}
}

func (s *secrets) sortedForms() []*form {
	list := make([]*form, 0, len(s.forms))
	for _, f := range s.forms {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *form) int {
		return cmp.Or(truth(b.safe)-truth(a.safe), cmp.Compare(b.flows, a.flows), cmp.Compare(a.title, b.title))
	})
	return list
}

func (s *secrets) sortedPrints() []*printed {
	list := make([]*printed, 0, len(s.prints))
	for _, p := range s.prints {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *printed) int {
		return cmp.Or(cmp.Compare(b.flows, a.flows), cmp.Compare(a.version, b.version), cmp.Compare(a.ja4, b.ja4),
			cmp.Compare(a.cipher, b.cipher), cmp.Compare(a.alpn, b.alpn), cmp.Compare(a.ja3, b.ja3))
	})
	return list
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

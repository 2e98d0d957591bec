package dissect

import "github.com/spanrig/spanrig/captures"

// mediaDatagrams reads what shares one 5-tuple in calls and video: STUN, TURN,
// DTLS, RTP and RTCP, told apart by the first byte (RFC 7983).
type mediaDatagrams struct {
	facts  *Facts
	dtls   *dtlsFlow
	series [2]rtpSeries
	read   int
}

// mediaLimit is how many datagrams without DTLS are read.
const mediaLimit = 64

func (m *mediaDatagrams) datagram(dir captures.Dir, b []byte, _ int, at Mark) bool {
	m.read++
	if isSTUN(b, true) || isChannelMessage(b) {
		m.name(STUNProtocol)
		if b = relayed(b); len(b) == 0 {
			return m.more()
		}
	}
	switch {
	case b[0] >= 20 && b[0] < 64:
		if m.dtls == nil {
			if !looksLikeDTLS(b) {
				break
			}
			m.dtls = &dtlsFlow{}
		}
		m.dtls.datagram(dir, b, at)
		if m.facts.TLS = m.dtls.facts(); m.facts.TLS != nil {
			m.name(DTLSProtocol)
		}
	case m.dtls == nil && isRTP(b):
		m.media(&m.series[dir], b)
	}
	return m.more()
}

// name says what a flow is that began with something unnamed.
func (m *mediaDatagrams) name(p Protocol) {
	if m.facts.Protocol == "" {
		m.facts.Protocol = p
	}
}

func (m *mediaDatagrams) more() bool { return m.dtls != nil || m.read < mediaLimit }

// media names the flow once a series of RTP packets is sure. It outranks STUN,
// which only opens the way for it.
func (m *mediaDatagrams) media(s *rtpSeries, b []byte) {
	if !s.add(b) {
		return
	}
	switch m.facts.Protocol {
	case "", STUNProtocol, RTCPProtocol, RTPProtocol, SRTPProtocol:
		m.facts.Protocol = s.protocol()
	}
}

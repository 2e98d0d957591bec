package dissect

import (
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// ntpSize is the length of an NTP packet without extensions, key and digest.
const ntpSize = 48

// ntpDatagrams sums up an NTP flow (RFC 5905).
type ntpDatagrams struct{ facts *Facts }

func (n *ntpDatagrams) datagram(dir captures.Dir, b []byte, wire int, _ Mark) bool {
	if n.facts.NTP == nil {
		n.facts.NTP = &NTP{}
	}
	switch {
	case isNTP(b, true) && b[0]&7 == 3 && wire == ntpSize:
		n.facts.NTP.Clients++
	case dir == captures.Orig:
		n.facts.NTP.Odd++
	}
	return true
}

// isNTP judges one packet. On the port of NTP, version and mode are enough;
// elsewhere it must be a plain request or answer whose fields are sane.
func isNTP(b []byte, known bool) bool {
	if len(b) < 12 {
		return false
	}
	version, mode, stratum := b[0]>>3&7, b[0]&7, b[1]
	switch {
	case version < 1 || version > 4 || mode == 0 && version > 1:
		return false
	case known:
		return mode >= 6 || len(b) >= ntpSize
	}
	return len(b) == ntpSize && version >= 3 && (mode == 3 || mode == 4 && stratum > 0) &&
		stratum <= 16 && b[2] <= 17 && (b[3] == 0 || b[3] >= 0x80) && binary.BigEndian.Uint32(b[40:]) != 0
}

package packet

import (
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// radiotap decodes the radiotap header (https://www.radiotap.org): its length,
// and from the flags field whether padding and FCS surround the payload.
func (d *Decoder) radiotap(p *Packet, v view) Result {
	if len(v.b) < 8 || v.b[0] != 0 {
		return Malformed
	}
	length := int(binary.LittleEndian.Uint16(v.b[2:]))
	if length < 8 || length > len(v.b) {
		return Malformed
	}
	flags := radiotapFlags(v.b[:length])
	v = v.from(length)
	if flags&radiotapFCS != 0 && v.wire >= 4 {
		v = v.to(v.wire - 4)
	}
	return d.wlanFrame(p, v, flags&radiotapPad != 0)
}

const (
	radiotapFCS = 0x10
	radiotapPad = 0x20 // header padded to 4 bytes
)

// radiotapFlags returns the flags field, 0 where it is absent. Fields follow
// the last word of the presence bitmap; only TSFT comes before the flags.
func radiotapFlags(header []byte) byte {
	const tsft, flags, extended = 1, 2, 1 << 31
	present := binary.LittleEndian.Uint32(header[4:])
	at := 8
	for more := present; more&extended != 0 && at+4 <= len(header); at += 4 {
		more = binary.LittleEndian.Uint32(header[at:])
	}
	if present&tsft != 0 {
		at = (at+7)&^7 + 8
	}
	if present&flags == 0 || at >= len(header) {
		return 0
	}
	return header[at]
}

// prism decodes a Prism header of 144 bytes, in the byte order of the host
// that captured, or the AVS header that replaced it.
func (d *Decoder) prism(p *Packet, v view) Result {
	if len(v.b) < 8 {
		return Malformed
	}
	var length uint32
	switch {
	case be32(v.b)>>12 == 0x80211:
		length = be32(v.b[4:])
	case v.b[0] == 0:
		length = be32(v.b[4:])
	default:
		length = binary.LittleEndian.Uint32(v.b[4:])
	}
	if length < 8 || uint64(length) > uint64(len(v.b)) {
		return Malformed
	}
	return d.wlan(p, v.from(int(length)))
}

// wlan decodes an IEEE 802.11 frame without FCS.
func (d *Decoder) wlan(p *Packet, v view) Result { return d.wlanFrame(p, v, false) }

// Bits of the 802.11 frame control field and of QoS control.
const (
	wlanData      = 2
	wlanNoPayload = 0x4 // subtype: null and poll frames
	wlanQoS       = 0x8 // subtype
	wlanToDS      = 0x01
	wlanFromDS    = 0x02
	wlanProtected = 0x40
	wlanOrder     = 0x80 // an HT control field follows QoS control
	wlanAMSDU     = 0x80 // in QoS control: aggregated subframes
)

// wlanFrame decodes data frames (IEEE 802.11-2020 section 9.3.2). Encrypted
// payload and all but the first fragment are not IP that can be read; of an
// A-MSDU the first subframe is.
func (d *Decoder) wlanFrame(p *Packet, v view, padded bool) Result {
	if len(v.b) < 2 {
		return Malformed
	}
	subtype, flags := v.b[0]>>4, v.b[1]
	if v.b[0]&3 != 0 || v.b[0]>>2&3 != wlanData || subtype&wlanNoPayload != 0 || flags&wlanProtected != 0 {
		return NotIP
	}
	size := 24
	if flags&(wlanToDS|wlanFromDS) == wlanToDS|wlanFromDS {
		size += 6
	}
	qos := size
	if subtype&wlanQoS != 0 {
		size += 2
		if flags&wlanOrder != 0 {
			size += 4
		}
	}
	if padded {
		size = (size + 3) &^ 3
	}
	if len(v.b) < size {
		return Malformed
	}
	if v.b[22]&0x0f != 0 {
		return NotIP
	}
	p.wlanAddresses(v.b, flags)
	if subtype&wlanQoS != 0 && v.b[qos]&wlanAMSDU != 0 {
		return d.subframe(p, v.from(size))
	}
	return d.llc(p, v.from(size))
}

// wlanAddresses takes destination and source from the three or four addresses
// (IEEE 802.11-2020 table 9-30).
func (p *Packet) wlanAddresses(b []byte, flags byte) {
	address := func(at int) captures.MAC { return captures.MAC(b[at : at+6]) }
	switch flags & (wlanToDS | wlanFromDS) {
	case 0:
		p.DstMAC, p.SrcMAC = address(4), address(10)
	case wlanToDS:
		p.DstMAC, p.SrcMAC = address(16), address(10)
	case wlanFromDS:
		p.DstMAC, p.SrcMAC = address(4), address(16)
	default:
		p.DstMAC, p.SrcMAC = address(16), address(24)
	}
}

// subframe decodes the first subframe of an A-MSDU.
func (d *Decoder) subframe(p *Packet, v view) Result {
	if len(v.b) < 14 {
		return Malformed
	}
	p.DstMAC, p.SrcMAC = captures.MAC(v.b[:6]), captures.MAC(v.b[6:12])
	return d.llc(p, v.from(14).to(int(be16(v.b[12:]))))
}

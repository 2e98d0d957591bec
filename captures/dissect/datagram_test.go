package dissect

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// rtp returns n packets of one source, whose payloads begin with what first says.
func rtp(n int, first func(i int) byte) []string {
	var packets []string
	for i := range n {
		b := []byte{0x80, 96, 0, byte(250 + i), 0, 0, byte(i), 0, 0xde, 0xad, 0xbe, 0xef, first(i), 1, 2, 3}
		binary.BigEndian.PutUint16(b[2:], uint16(0xfffe+i)) // wraps
		packets = append(packets, string(b))
	}
	return packets
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

const stunBinding = "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl"

var datagrams = []struct {
	name    string
	port    uint16
	packets []string
	want    Protocol
}{
	{"dns", 53, []string{query("a.test")}, DNSProtocol},
	{"dns on another port", 5300, []string{query("a.test")}, DNSProtocol},
	{"mdns", 5353, []string{query("printer.local")}, MDNSProtocol},
	{"llmnr", 5355, []string{query("host")}, LLMNRProtocol},
	{"not dns on 53", 53, []string{"\x99 something else entirely, and long enough"}, ""},
	{"nbns", 137, []string{"\x12\x34\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20" + strings.Repeat("CA", 16) + "\x00\x00\x20\x00\x01"}, NBNSProtocol},
	{"ntp", 123, []string{"\x23" + zeros(47)}, NTPProtocol},
	{"ntp on another port", 1234, []string{"\x23\x00\x06\xec" + zeros(36) + "\xe9\x00\x00\x01\x00\x00\x00\x00"}, NTPProtocol},
	{"zeros are no ntp", 1234, []string{zeros(48)}, ""},
	{"stun", 3478, []string{stunBinding}, STUNProtocol},
	{"stun on another port", 19302, []string{stunBinding}, STUNProtocol},
	{"classic stun", 3478, []string{"\x00\x01\x00\x00abcdefghijklmnop"}, STUNProtocol},
	{"classic stun without its port", 9999, []string{"\x00\x01\x00\x00abcdefghijklmnop"}, ""},
	{"classic stun with attributes", 9999, []string{"\x00\x01\x00\x08abcdefghijklmnop\x00\x03\x00\x04\x00\x00\x00\x06"}, STUNProtocol},
	{"stun of a wrong length", 3478, []string{"\x00\x01\x00\x04\x21\x12\xa4\x42abcdefghijkl"}, ""},
	{"rtp", 40002, rtp(8, func(int) byte { return 0x7c }), RTPProtocol},
	{"srtp", 40002, rtp(8, func(i int) byte { return byte(i * 37) }), SRTPProtocol},
	{"three packets are no rtp", 40002, rtp(3, func(int) byte { return 0x7c }), ""},
	{"stun, then media", 40002, append([]string{stunBinding}, rtp(8, func(i int) byte { return byte(i * 37) })...), SRTPProtocol},
	{"rtcp", 40003, []string{"\x80\xc9\x00\x01\xde\xad\xbe\xef\x81\xca\x00\x01\xde\xad\xbe\xef"}, RTCPProtocol},
	{"sip", 5060, []string{"OPTIONS sip:a@b.test SIP/2.0\r\nVia: x\r\n\r\n"}, SIPProtocol},
	{"gb28181", 5060, []string{"SIP/2.0 200 OK\r\nTo: <sip:34020000001320000001@3402000000>\r\n\r\n"}, GB28181Protocol},
	{"gb28181 by its body", 5060, []string{"MESSAGE sip:a@b SIP/2.0\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n"}, GB28181Protocol},
	{"ssdp", 1900, []string{"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"}, SSDPProtocol},
	{"ssdp answer", 50000, []string{"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n"}, SSDPProtocol},
	{"syslog", 514, []string{"<34>1 2026-11-23T10:00:00Z host app - - - message"}, SyslogProtocol},
	{"no syslog", 514, []string{"<999>message"}, ""},
	{"snmp", 161, []string{"\x30\x1a\x02\x01\x01\x04\x06public\xa0\x0d\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x02\x30\x00"}, SNMPProtocol},
	{"wireguard initiation", 51820, []string{"\x01\x00\x00\x00" + strings.Repeat("w", 144)}, WireGuardProtocol},
	{"wireguard response", 51820, []string{"\x02\x00\x00\x00" + strings.Repeat("w", 88)}, WireGuardProtocol},
	{"wireguard keepalive", 51820, []string{"\x04\x00\x00\x00abcd\x01\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("w", 16)}, WireGuardProtocol},
	{"no wireguard", 51820, []string{"\x01\x00\x00\x00" + strings.Repeat("w", 143)}, ""},
	{"dhcpv6", 547, []string{"\x01\x00\x00\x01\x00\x08\x00\x02\x00\x00"}, DHCPv6Protocol},
	{"ike", 500, []string{"initiatr" + zeros(8) + "\x21\x20\x22\x08" + zeros(4) + "\x00\x00\x00\x1c"}, IKEProtocol},
	{"coap", 5683, []string{"\x40\x01\x12\x34\xb4test"}, CoAPProtocol},
	{"radius", 1812, []string{"\x01\x01\x00\x17" + zeros(16) + "\x01\x03u"}, RADIUSProtocol},
	{"tftp", 69, []string{"\x00\x01firmware.bin\x00octet\x00"}, TFTPProtocol},
	{"bittorrent", 6881, []string{"d1:ad2:id20:abcdefghij0123456789e1:q4:ping"}, BitTorrentProtocol},
	{"noise", 9999, []string{"\xfe\xdc\xba\x98\x76\x54\x32\x10\x00\x00\x00\x00"}, ""},
}

func TestDatagrams(t *testing.T) {
	for _, d := range datagrams {
		c := NewConversation(Transport{OrigPort: 40000, RespPort: d.port})
		for _, p := range d.packets {
			c.Datagram(captures.Orig, []byte(p), len(p), Mark{Frame: 1})
		}
		if got := c.Facts().Protocol; got != d.want {
			t.Errorf("%s: recognised %q, want %q", d.name, got, d.want)
		}
	}
}

func TestDatagramsGiveUp(t *testing.T) {
	c := NewConversation(Transport{OrigPort: 40000, RespPort: 9999})
	for range datagramTries {
		c.Datagram(captures.Orig, []byte("\xfe nothing known"), 15, Mark{})
	}
	if c.Wants(captures.Orig) || c.Wants(captures.Resp) {
		t.Error("a flow that nothing recognises is read for ever")
	}
}

func TestNTP(t *testing.T) {
	c := NewConversation(Transport{RespPort: 123})
	for _, p := range []struct {
		dir  captures.Dir
		text string
		wire int
	}{
		{captures.Orig, "\x23" + zeros(47), 48},
		{captures.Resp, "\x24\x02" + zeros(46), 48},
		{captures.Orig, "\x1b" + zeros(67), 68}, // with key and digest
		{captures.Orig, "\x23" + zeros(47), 60}, // cut by the capture
		{captures.Orig, "\x16\x02" + zeros(10), 12},
		{captures.Orig, "secret", 6},
	} {
		c.Datagram(p.dir, []byte(p.text), p.wire, Mark{})
	}
	if got := c.Facts().NTP; *got != (NTP{Clients: 1, Odd: 4}) {
		t.Errorf("%+v", *got)
	}
}

// acknowledgement returns a DHCP ACK with options behind its type.
func acknowledgement(options string) []byte {
	b := make([]byte, dhcpHeader)
	b[0], b[1], b[2] = 2, 1, 6
	copy(b[16:], "\xc0\x00\x02\x0a")
	copy(b[28:], "\x02\x00\x00\x00\x00\x01")
	binary.BigEndian.PutUint32(b[236:], dhcpMagic)
	return append(b, "\x35\x01\x05"+options+"\xff"...)
}

func TestParseDHCP(t *testing.T) {
	b := acknowledgement("\x01\x04\xff\xff\xff\x00\x03\x04\xc0\x00\x02\x01\x06\x08\xc0\x00\x02\x01\xc0\x00\x02\x02\x00\x0f\x09Lab.Test\x00" +
		"\x77\x0a\x03eng\x04corp\x00\x77\x07\x04last\xc0\x00")
	want := &DHCPLease{MAC: captures.MAC{2, 0, 0, 0, 0, 1}, Addr: [4]byte{192, 0, 2, 10}, Mask: [4]byte{255, 255, 255, 0},
		Routers: [][4]byte{{192, 0, 2, 1}}, Resolvers: [][4]byte{{192, 0, 2, 1}, {192, 0, 2, 2}},
		Search: []string{"lab.test", "eng.corp", "last.eng.corp"}}
	got, err := ParseDHCP(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v, %v\nwant %+v", got, err, want)
	}
	var leases []DHCPLease
	c := NewConversation(Transport{OrigPort: 67, RespPort: 68, OnBinding: func(l DHCPLease, _ Mark) { leases = append(leases, l) }})
	c.Datagram(captures.Orig, b, len(b), Mark{})
	c.Datagram(captures.Orig, acknowledgement("\x03\x09cut"), 0, Mark{})
	if len(leases) != 1 || c.Facts().Protocol != DHCPProtocol {
		t.Errorf("%d leases, %q", len(leases), c.Facts().Protocol)
	}
	offer := acknowledgement("")
	offer[dhcpHeader+2] = 2
	if _, err := ParseDHCP(offer); err == nil {
		t.Error("an offer passes as an acknowledgement")
	}
}

func TestRelayed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"channel data":    {"\x40\x01\x00\x03abc", "abc"},
		"data indication": {"\x00\x17\x00\x14\x21\x12\xa4\x42abcdefghijkl\x00\x12\x00\x05addr!\x00\x00\x00\x00\x13\x00\x02hi\x00\x00", "hi"},
		"binding":         {stunBinding, ""},
	} {
		b := []byte(c.text)
		if !isSTUN(b, false) && !isChannelMessage(b) {
			t.Errorf("%s is not recognised", name)
		} else if got := string(relayed(b)); got != c.want {
			t.Errorf("%s carries %q", name, got)
		}
	}
}

package dissect

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// turn is what one end says before the other does.
type turn struct {
	dir  captures.Dir
	text string
}

func orig(text string) turn { return turn{captures.Orig, text} }
func resp(text string) turn { return turn{captures.Resp, text} }

// streams hold one short conversation for each protocol over TCP.
var streams = []struct {
	name  string
	port  uint16
	turns []turn
	want  Protocol
}{
	{"http", 8081, []turn{orig("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"), resp("HTTP/1.1 204 No Content\r\n\r\n")}, HTTPProtocol},
	{"http, answer only", 80, []turn{resp("HTTP/1.0 200 OK\r\n\r\nbody")}, HTTPProtocol},
	{"http, no version", 80, []turn{orig("GET /\r\n")}, HTTPProtocol},
	{"http2", 80, []turn{orig("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00")}, HTTP2Protocol},
	{"websocket", 80, []turn{orig("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
		resp("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\r\nAccept: application/dns-message\r\n"), orig("\x81\x05hello")}, WebSocketProtocol},
	{"rtsp", 554, []turn{orig("DESCRIBE rtsp://192.0.2.1/live RTSP/1.0\r\nCSeq: 1\r\n\r\n")}, RTSPProtocol},
	{"sip", 5060, []turn{orig("REGISTER sip:example.test SIP/2.0\r\nTo: <sip:alice@example.test>\r\n\r\n")}, SIPProtocol},
	{"gb28181", 5060, []turn{orig("REGISTER sip:34020000002000000001@3402000000 SIP/2.0\r\n\r\n")}, GB28181Protocol},
	{"gb28181 media", 15060, []turn{orig("\x00\x12\x80\x60\x00\x01\x00\x00\x00\x01\x12\x34\x56\x78\x00\x00\x01\xba\x44\x00")}, RTPProtocol},
	{"mqtt", 1883, []turn{orig("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"), resp("\x20\x02\x00\x00")}, MQTTProtocol},
	{"mqtt 3.1, long length", 1883, []turn{orig("\x10\x9c\x01\x00\x06MQIsdp\x03\x02")}, MQTTProtocol},
	{"rtmp", 1935, []turn{orig("\x03\x00\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("r", 1528))}, RTMPProtocol},
	{"rtmp of flash", 1935, []turn{orig("\x03\x00\x10\x00\x00\x80\x00\x07\x02" + strings.Repeat("r", 1528)),
		resp("\x03\x00\x11\x00\x00\x04\x05\x00\x01" + strings.Repeat("s", 1528))}, RTMPProtocol},
	{"ftp", 21, []turn{resp("220 Welcome\r\n"), orig("USER anonymous\r\n"), resp("331 Password\r\n")}, FTPProtocol},
	{"ftp by its greeting", 2121, []turn{resp("220-ProFTPD 1.3\r\n220 ready\r\n")}, FTPProtocol},
	{"smtp", 25, []turn{resp("220 mail.test\r\n"), orig("EHLO client.test\r\n")}, SMTPProtocol},
	{"imap", 143, []turn{resp("* OK ready\r\n"), orig("a1 LOGIN x y\r\n")}, IMAPProtocol},
	{"imap client only", 143, []turn{orig("a1 CAPABILITY\r\n")}, IMAPProtocol},
	{"pop3", 110, []turn{resp("+OK ready\r\n"), orig("USER x\r\n")}, POP3Protocol},
	{"irc", 6667, []turn{orig("NICK bob\r\nUSER bob 0 * :Bob\r\n")}, IRCProtocol},
	{"telnet", 23, []turn{resp("\xff\xfd\x18\xff\xfd\x20"), orig("\xff\xfb\x18")}, TelnetProtocol},
	{"ssh", 2222, []turn{resp("SSH-2.0-OpenSSH_9.6\r\n"), orig("SSH-2.0-x\r\n")}, SSHProtocol},
	{"socks5", 1080, []turn{orig("\x05\x01\x00"), resp("\x05\x00"), orig("\x05\x01\x00\x03\x06a.test\x01\xbb"),
		resp("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")}, SOCKSProtocol},
	{"socks4a", 1080, []turn{orig("\x04\x01\x00\x50\x00\x00\x00\x01me\x00A.test\x00"), resp("\x00\x5a\x00\x00\x00\x00\x00\x00")}, SOCKSProtocol},
	{"dns on 53", 53, []turn{orig("\x00\x18" + query("a.test"))}, DNSProtocol},
	{"dns elsewhere", 5300, []turn{orig("\x00\x18" + query("a.test"))}, DNSProtocol},
	{"stun", 3478, []turn{orig("\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl")}, STUNProtocol},
	{"smb", 445, []turn{orig("\x00\x00\x00\x40\xfeSMB\x40\x00")}, SMBProtocol},
	{"ldap", 389, []turn{orig("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00")}, LDAPProtocol},
	{"kerberos", 88, []turn{orig("\x00\x00\x00\x0a\x6a\x08\x30\x06\xa1\x04\x02\x02\x00\x05")}, KerberosProtocol},
	{"bittorrent", 6881, []turn{orig("\x13BitTorrent protocol\x00\x00")}, BitTorrentProtocol},
	{"rdp", 3389, []turn{orig("\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00")}, RDPProtocol},
	{"tpkt", 102, []turn{orig("\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02")}, TPKTProtocol},
	{"mysql", 3306, []turn{resp("\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00abcdefgh")}, MySQLProtocol},
	{"noise", 4444, []turn{orig("\xa7\x19\x00\x42 anything"), resp("\x99\x01\x02")}, ""},
	{"text that is nobody's", 4444, []turn{orig("hello there\n"), resp("hi\n")}, ""},
}

// query returns a question for the address of name.
func query(name string) string {
	b := "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
	for label := range strings.SplitSeq(name, ".") {
		b += string(rune(len(label))) + label
	}
	return b + "\x00\x00\x01\x00\x01"
}

// converse feeds turns, each cut into segments by next, which returns a length.
func converse(port uint16, turns []turn, next func() int) *Conversation {
	c := NewConversation(Transport{TCP: true, OrigPort: 40000, RespPort: port})
	for _, t := range turns {
		for b := []byte(t.text); len(b) > 0; {
			n := min(max(next(), 1), len(b))
			c.Feed(t.dir, b[:n], Mark{Frame: 1})
			b = b[n:]
		}
	}
	return c
}

func whole() int { return 1 << 20 }

func TestStreams(t *testing.T) {
	for _, s := range streams {
		c := converse(s.port, s.turns, whole)
		if got := c.Facts().Protocol; got != s.want {
			t.Errorf("%s: recognised %q, want %q", s.name, got, s.want)
		}
		if c.Cleartext() != s.want.Cleartext() {
			t.Errorf("%s: Cleartext %v", s.name, c.Cleartext())
		}
	}
}

// TestSegmentation: the segments in which a stream arrives change nothing.
func TestSegmentation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range streams {
		want := converse(s.port, s.turns, whole).Facts()
		for name, next := range map[string]func() int{
			"single bytes": func() int { return 1 },
			"random":       func() int { return random.IntN(9) },
		} {
			if got := converse(s.port, s.turns, next).Facts(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s in %s: %+v, whole %+v", s.name, name, got, want)
			}
		}
	}
}

// TestFinished: what is known by its head is not read on.
func TestFinished(t *testing.T) {
	c := converse(22, []turn{resp("SSH-2.0-x\r\n")}, whole)
	if c.Wants(captures.Orig) || c.Wants(captures.Resp) {
		t.Error("SSH is still read after its first line")
	}
	c = converse(4444, []turn{orig("\xa7\x19\x00\x42" + strings.Repeat("x", deafAfter)), orig(strings.Repeat("x", deafAfter))}, whole)
	if c.Wants(captures.Orig) {
		t.Error("a direction that nothing recognises is read for ever")
	}
	if !c.Wants(captures.Resp) {
		t.Error("the silent direction was given up")
	}
}

// TestLateBeginning: a stream that was taken up in the middle shows its next turn.
func TestLateBeginning(t *testing.T) {
	c := converse(80, []turn{orig("e of a body"), resp("\x00\x01 of another"),
		orig("GET /next HTTP/1.1\r\nHost: b.test\r\n\r\n")}, whole)
	if f := c.Facts(); f.HTTP == nil || len(f.HTTP.Hosts) != 1 || f.HTTP.Hosts[0] != "b.test" || f.Unread != 11+13 {
		t.Errorf("facts %+v", f)
	}
	c = NewConversation(Transport{TCP: true})
	c.Feed(captures.Orig, []byte("\x99 middle of something"), Mark{})
	c.Gap(captures.Orig, 100)
	c.Feed(captures.Orig, []byte("GET / HTTP/1.1\r\nHost: c.test\r\n\r\n"), Mark{})
	if f := c.Facts(); f.HTTP == nil || f.HTTP.Hosts[0] != "c.test" || f.Unread != 21 {
		t.Errorf("behind a gap: %+v", f)
	}
}

package dissect

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
)

// goHello returns the first flight of a Go client for name.
func goHello(t testing.TB, name string) string {
	t.Helper()
	near, far := net.Pipe()
	defer far.Close()
	go func() {
		tls.Client(near, &tls.Config{ServerName: name}).Handshake()
		near.Close()
	}()
	b := make([]byte, 1<<14)
	n, err := far.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// TestChangeToTLS: what begins in the clear and goes on as TLS keeps its name
// and has the facts of both, however it is segmented.
func TestChangeToTLS(t *testing.T) {
	hello := orig(goHello(t, "inner.test"))
	for _, s := range []struct {
		name  string
		port  uint16
		turns []turn
		want  Protocol
	}{
		{"smtp", 25, []turn{resp("220 mail ESMTP\r\n"), orig("EHLO x\r\n"), resp("250-mail\r\n250 STARTTLS\r\n"),
			orig("STARTTLS\r\n"), resp("220 go\r\n"), hello}, SMTPProtocol},
		{"smtp, client only", 25, []turn{orig("EHLO x\r\n"), orig("STARTTLS\r\n"), hello}, SMTPProtocol},
		{"imap", 143, []turn{resp("* OK\r\n"), orig("a STARTTLS\r\n"), resp("a OK\r\n"), hello}, IMAPProtocol},
		{"pop3", 110, []turn{resp("+OK\r\n"), orig("STLS\r\n"), resp("+OK\r\n"), hello}, POP3Protocol},
		{"ftp", 21, []turn{resp("220 FTP\r\n"), orig("AUTH TLS\r\n"), resp("234 go\r\n"), hello}, FTPProtocol},
		{"postgresql", 5432, []turn{orig("\x00\x00\x00\x08\x04\xd2\x16\x2f"), resp("S"), hello}, PostgresProtocol},
		{"mysql", 3306, []turn{resp("\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00abcdefgh"), orig("\x20\x00\x00\x01\x05\xae\xff" + strings.Repeat("\x00", 29)), hello}, MySQLProtocol},
		{"rdp", 3389, []turn{orig("\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"),
			resp("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x02\x00\x00\x00"), hello}, RDPProtocol},
		{"http connect", 3128, []turn{orig("CONNECT inner.test:443 HTTP/1.1\r\n\r\n"), resp("HTTP/1.1 200 OK\r\n\r\n"), hello}, HTTPProtocol},
		{"http connect, client only", 3128, []turn{orig("CONNECT inner.test:443 HTTP/1.1\r\n\r\n"), hello}, HTTPProtocol},
		{"socks5", 1080, []turn{orig("\x05\x01\x00"), resp("\x05\x00"), orig("\x05\x01\x00\x03\x0ainner.test\x01\xbb"),
			resp("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"), hello}, SOCKSProtocol},
		{"proxy", 443, []turn{orig("PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n" + hello.text)}, ProxyProtocol},
		{"taken up in the middle", 443, []turn{orig("\xa7\x19\x00"), resp("\x99\x01\x02"), hello}, TLSProtocol},
	} {
		for how, next := range map[string]func() int{"whole": whole, "single bytes": func() int { return 1 }} {
			f := converse(s.port, s.turns, next).Facts()
			if f.Protocol != s.want || f.TLS == nil || f.TLS.SNI != "inner.test" {
				t.Errorf("%s, %s: %+v", s.name, how, f)
			}
		}
	}
}

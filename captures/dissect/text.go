package dissect

import (
	"bytes"

	"github.com/spanrig/spanrig/captures"
)

// matchBanner recognises protocols whose server greets in text: SMTP, FTP,
// POP3, IMAP, IRC, and the clients of these. SMTP and FTP greet alike; the
// words of the greeting or of the client tell them apart.
func matchBanner(c *Conversation, dir captures.Dir, b []byte) (Protocol, int8) {
	line, whole := firstLine(b)
	if line == nil {
		return "", no
	}
	if p := clientLine(line, whole); p != "" {
		return p, yes
	}
	if !whole {
		return "", more
	}
	switch {
	case bytes.HasPrefix(line, []byte("+OK")):
		return POP3Protocol, yes
	case bytes.HasPrefix(line, []byte("* OK")), bytes.HasPrefix(line, []byte("* PREAUTH")), bytes.HasPrefix(line, []byte("* BYE")):
		return IMAPProtocol, yes
	case bytes.HasPrefix(line, []byte("220 ")), bytes.HasPrefix(line, []byte("220-")):
		return greeting(b)
	}
	return "", no
}

// greeting reads the lines of a server that began with 220: one that names its
// protocol, or an answer that only one of them gives.
func greeting(b []byte) (Protocol, int8) {
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if !whole {
			return "", more
		}
		upper := bytes.ToUpper(line)
		switch {
		case bytes.Contains(upper, []byte("SMTP")), bytes.HasPrefix(line, []byte("250")), bytes.HasPrefix(line, []byte("354")):
			return SMTPProtocol, yes
		case bytes.Contains(upper, []byte("FTP")), bytes.HasPrefix(line, []byte("331")), bytes.HasPrefix(line, []byte("230")),
			bytes.HasPrefix(line, []byte("234")), bytes.HasPrefix(line, []byte("530")):
			return FTPProtocol, yes
		}
		b = rest
	}
}

// textLine bounds the first line of a text protocol.
const textLine = 600

// firstLine returns the first line of b, or what there is of it, where it can
// be text; nil where not.
func firstLine(b []byte) (line []byte, whole bool) {
	i := bytes.IndexByte(b, '\n')
	if i >= 0 {
		line, whole = bytes.TrimSuffix(b[:i], []byte("\r")), true
	} else {
		line = bytes.TrimSuffix(b, []byte("\r"))
	}
	if len(line) > textLine || len(line) == 0 && whole || len(line) > 0 && line[0] > '~' {
		return nil, whole
	}
	for _, ch := range line {
		if ch < ' ' && ch != '\t' {
			return nil, whole
		}
	}
	if line == nil {
		line = []byte{}
	}
	return line, whole
}

// clientLine names the protocol whose client begins with line.
func clientLine(line []byte, whole bool) Protocol {
	if !whole {
		return ""
	}
	word, rest, _ := bytes.Cut(line, []byte(" "))
	switch string(bytes.ToUpper(word)) {
	case "EHLO", "HELO", "LHLO":
		return SMTPProtocol
	case "NICK", "JOIN", "PRIVMSG":
		return IRCProtocol
	case "CAP":
		if bytes.HasPrefix(rest, []byte("LS")) || bytes.HasPrefix(rest, []byte("REQ")) {
			return IRCProtocol
		}
	case "CAPA", "APOP", "STLS":
		return POP3Protocol
	case "FEAT", "SYST", "PASV", "EPSV":
		return FTPProtocol
	case "USER":
		if bytes.Contains(rest, []byte(" :")) {
			return IRCProtocol
		}
	case "AUTH":
		if bytes.EqualFold(rest, []byte("TLS")) || bytes.EqualFold(rest, []byte("SSL")) {
			return FTPProtocol
		}
	}
	switch command, _, _ := bytes.Cut(rest, []byte(" ")); string(bytes.ToUpper(command)) {
	case "CAPABILITY", "LOGIN", "STARTTLS", "AUTHENTICATE":
		if len(word) <= 16 {
			return IMAPProtocol
		}
	}
	return ""
}

// looksLikeTelnet judges the option negotiation of telnet (RFC 854).
func looksLikeTelnet(b []byte) int8 {
	switch {
	case b[0] != 0xff:
		return no
	case len(b) > 1 && (b[1] < 0xfa || b[1] > 0xfe):
		return no
	case len(b) < 3:
		return more
	case b[2] < 50 || b[2] >= 0x80:
		return yes
	}
	return no
}

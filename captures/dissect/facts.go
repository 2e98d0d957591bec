package dissect

import (
	"net/netip"
	"time"

	"github.com/spanrig/spanrig/captures"
)

// Protocol is what a flow speaks, lower case; empty where nothing was recognised.
type Protocol string

const (
	TLSProtocol       Protocol = "tls"
	DTLSProtocol      Protocol = "dtls"
	QUICProtocol      Protocol = "quic"
	GQUICProtocol     Protocol = "gquic" // Google's, before the IETF
	DNSProtocol       Protocol = "dns"
	MDNSProtocol      Protocol = "mdns"
	LLMNRProtocol     Protocol = "llmnr"
	HTTPProtocol      Protocol = "http"
	HTTP2Protocol     Protocol = "http2" // cleartext, with prior knowledge or upgraded
	WebSocketProtocol Protocol = "websocket"
	MQTTProtocol      Protocol = "mqtt"
	RTMPProtocol      Protocol = "rtmp"
	RTSPProtocol      Protocol = "rtsp"
	SIPProtocol       Protocol = "sip"
	GB28181Protocol   Protocol = "gb28181"
	RTPProtocol       Protocol = "rtp"
	FTPProtocol       Protocol = "ftp"
	TelnetProtocol    Protocol = "telnet"
	SMTPProtocol      Protocol = "smtp"
	IMAPProtocol      Protocol = "imap"
	POP3Protocol      Protocol = "pop3"
	SOCKSProtocol     Protocol = "socks"
	SSHProtocol       Protocol = "ssh"
	NTPProtocol       Protocol = "ntp"
	DHCPProtocol      Protocol = "dhcp"
	DHCPv6Protocol    Protocol = "dhcpv6"
	STUNProtocol      Protocol = "stun"
	SSDPProtocol      Protocol = "ssdp"
	SyslogProtocol    Protocol = "syslog"
	SNMPProtocol      Protocol = "snmp"
	WireGuardProtocol Protocol = "wireguard"
)

// Mark ties a fact to the frame that showed it.
type Mark struct {
	Frame captures.FrameID
	Time  int64 // ns since the Unix epoch
}

// Facts is what a Conversation knows so far. Pointers are nil where nothing was seen.
type Facts struct {
	Protocol Protocol // outermost; where STARTTLS or CONNECT led to TLS, TLS is set beside it; an HTTP Upgrade and media behind STUN replace it
	TLS      *TLS     // also DTLS
	QUIC     *QUIC
	DNS      *DNS
	HTTP     *HTTP
	Target   string // host or address asked of a CONNECT or SOCKS proxy, lower case, without port
	DoH      bool   // DNS over HTTPS seen in the clear (content type or path of RFC 8484)
	NTP      *NTP
	Unread   uint64 // TCP: payload bytes before what was recognised; of a preamble, or of a stream that was taken up in the middle
}

// Alert is a TLS alert. A plaintext alert has Level and Code (RFC 8446 section
// 6); an encrypted one has Encrypted and neither.
type Alert struct {
	From      captures.Dir
	Level     uint8 // 1 warning, 2 fatal
	Code      uint8
	Encrypted bool // seen by its record alone (type 21 after the key change, or 19 bytes in TLS 1.3)
	At        Mark
}

// Certificate is one X.509 certificate as sent in the clear (TLS 1.2 and older).
type Certificate struct {
	Subject, Issuer string   // RFC 2253 order, as crypto/x509 prints it
	Names           []string // subject alternative DNS names, lower case, without final dot; the CN where there are none
	NotAfter        time.Time
	SHA256          [32]byte // of the DER
}

// TLS is what a passive observer sees of a TLS or DTLS handshake.
type TLS struct {
	Hello        bool // a ClientHello was read whole
	ServerHello  bool // a ServerHello that is no HelloRetryRequest was read
	Retry        bool // a HelloRetryRequest was seen
	SNI          string
	OtherSNI     []string // of later ClientHellos in the same flow, where they differ
	Version      uint16   // negotiated (ServerHello, supported_versions first); 0 unknown. DTLS: 0xfeff, 0xfefd, 0xfefc
	Offered      []uint16 // supported_versions without GREASE, else the legacy version
	Cipher       uint16   // negotiated; valid with ServerHello
	ALPN         []string // offered
	ALPNSelected string   // negotiated, where in the clear
	JA3, JA4     string   // of the first ClientHello
	ECH          bool     // extension 0xfe0d offered (GREASE looks the same)
	Alerts       []Alert
	Certificates []Certificate
	HelloAt      Mark
	ServerAt     Mark
	AppData      [2]uint64 // records of type 23 (TLS 1.3: those that can be no handshake or alert), by direction
}

// QUIC is what the Initial packets of a QUIC connection show.
type QUIC struct {
	Version uint32 // the server's choice where its hello was read, else that of the first Initial; Google QUIC as ASCII ("Q043")
	TLS     *TLS   // the hello inside the CRYPTO frames; nil for Google QUIC
	SNI     string // also Google QUIC's
	ALPN    []string
	JA4     string
	HelloAt Mark
	Packets [2]uint64 // packets with a 1-RTT (short) header, by direction
}

// DNS is the traffic of one DNS flow; Queries holds at most MaxQueries entries,
// Answers at most Limit.
type DNS struct {
	Queries     []string // distinct names asked, also those repeated in answers; lower case, no final dot
	Answers     []DNSAnswer
	MoreQueries uint64 // beyond MaxQueries
	MoreAnswers uint64
	Odd         uint64 // datagrams, or messages over TCP, that are no whole DNS message
}

// Limit is the number of entries that a list of a flow holds at most.
const Limit = 64

// MaxQueries bounds DNS.Queries: every name that a device asks for is a finding,
// and one flow may carry many (a tunnel in DNS asks for a new name each time).
const MaxQueries = 1024

// DNSQuestion is one entry of a question section.
type DNSQuestion struct {
	Name string // lower case, no final dot; "" is the root
	Type uint16
}

// DNSAnswer is one resource record of an answer section.
type DNSAnswer struct {
	Name string
	Type uint16
	Data string     // A, AAAA: address; CNAME, PTR, NS, MX, SRV: name; TXT: text; else hex; long ones cut
	Addr netip.Addr // A and AAAA
	ECH  bool       // an HTTPS or SVCB record with the ech parameter
}

// DNSMessage is one message (RFC 1035), over UDP or TCP.
type DNSMessage struct {
	ID        uint16
	Response  bool
	Opcode    uint8
	RCode     uint8
	Truncated bool
	Questions []DNSQuestion
	Answers   []DNSAnswer
}

// HTTP is the cleartext HTTP/1 (and upgraded) traffic of a flow.
type HTTP struct {
	Hosts        []string // distinct, as in the header
	Requests     []HTTPRequest
	MoreHosts    uint64
	MoreRequests uint64
	Responses    uint64
	Upgrade      string // protocol switched to, lower case
}

// HTTPRequest is the head of one request.
type HTTPRequest struct {
	Method    string
	Path      string // request target as sent, of a long one the first 4 KiB
	Host      string
	UserAgent string
	Body      uint64 // bytes of body announced or seen; chunked counts as 1 where not known
	At        Mark
}

// NTP sums up the client packets of an NTP flow.
type NTP struct {
	Clients uint64 // mode 3, of 48 bytes
	Odd     uint64 // other modes or lengths sent by the originator
}

package dissect

// Protocols that are recognised by their head alone.
const (
	RTCPProtocol       Protocol = "rtcp"
	SRTPProtocol       Protocol = "srtp" // RTP whose payload looks random: RFC 3711, or a codec that cannot be told from it
	NBNSProtocol       Protocol = "nbns"
	NBDGMProtocol      Protocol = "nbdgm"
	SMBProtocol        Protocol = "smb"
	LDAPProtocol       Protocol = "ldap"
	KerberosProtocol   Protocol = "kerberos"
	RADIUSProtocol     Protocol = "radius"
	CoAPProtocol       Protocol = "coap"
	TFTPProtocol       Protocol = "tftp"
	BitTorrentProtocol Protocol = "bittorrent"
	IRCProtocol        Protocol = "irc"
	XMPPProtocol       Protocol = "xmpp"
	AMQPProtocol       Protocol = "amqp"
	PostgresProtocol   Protocol = "postgresql"
	MySQLProtocol      Protocol = "mysql"
	MongoDBProtocol    Protocol = "mongodb"
	RedisProtocol      Protocol = "redis"
	NATSProtocol       Protocol = "nats"
	VNCProtocol        Protocol = "vnc"
	ADBProtocol        Protocol = "adb"
	BGPProtocol        Protocol = "bgp"
	PPTPProtocol       Protocol = "pptp"
	GnutellaProtocol   Protocol = "gnutella"
	RsyncProtocol      Protocol = "rsync"
	GIOPProtocol       Protocol = "giop"
	GitProtocol        Protocol = "git"
	TPKTProtocol       Protocol = "tpkt" // ISO transport over TCP (RFC 1006): S7, MMS, H.323
	RDPProtocol        Protocol = "rdp"
	ProxyProtocol      Protocol = "proxy" // HAProxy's line before a connection that it passes on
	IKEProtocol        Protocol = "ike"
	OpenVPNProtocol    Protocol = "openvpn"
)

// Encrypts reports whether p encrypts its payload. It says nothing on how
// well: that is in TLS and QUIC.
func (p Protocol) Encrypts() bool {
	switch p {
	case TLSProtocol, DTLSProtocol, QUICProtocol, GQUICProtocol, SSHProtocol, WireGuardProtocol, IKEProtocol, OpenVPNProtocol:
		return true
	}
	return false
}

// Cleartext reports whether the payload of p is in the clear, so that anyone
// on the path reads it. SRTP and RDP are neither: the first cannot be proven
// by its bytes, the second has an encryption of its own beside TLS.
func (p Protocol) Cleartext() bool {
	return p != "" && !p.Encrypts() && p != SRTPProtocol && p != RDPProtocol
}

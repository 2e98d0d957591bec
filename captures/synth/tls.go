package synth

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"math/big"
	"time"
)

// TLS record types and versions (RFC 8446 sections 4.1.2 and 5.1).
const (
	recordCCS       = 20
	recordAlert     = 21
	recordHandshake = 22
	recordData      = 23

	TLS10 = 0x0301
	TLS11 = 0x0302
	TLS12 = 0x0303
	TLS13 = 0x0304
)

// Hello is what varies in a handshake. The zero value of a field is a modern
// default: TLS 1.3, AES-128-GCM, ALPN h2.
type Hello struct {
	SNI     string // none where empty
	Version uint16 // negotiated
	Cipher  uint16 // negotiated; offered last where it is not a modern one
	ALPN    []string
	ECH     bool     // an encrypted_client_hello extension (RFC 9849); GREASE looks the same
	Names   []string // of the certificate, TLS 1.2 and older; SNI where empty
	Padding int      // bytes of padding before the SNI, to make a hello of several segments
	Params  []byte   // QUIC transport parameters (extension 57)
	Retry   bool     // the server asks for another hello first (RFC 8446 section 4.1.4)
	Seed    string   // tells the random values of two handshakes apart
}

func (h Hello) version() uint16 {
	if h.Version == 0 {
		return TLS13
	}
	return h.Version
}

func (h Hello) cipher() uint16 {
	switch {
	case h.Cipher != 0:
		return h.Cipher
	case h.version() == TLS13:
		return 0x1301 // TLS_AES_128_GCM_SHA256
	case h.version() == TLS12:
		return 0xc02f // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
	default:
		return 0xc013 // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
	}
}

func (h Hello) alpn() []string {
	if h.ALPN == nil {
		return []string{"h2", "http/1.1"}
	}
	return h.ALPN
}

// Record returns one TLS record.
func Record(kind uint8, version uint16, body []byte) []byte {
	return concat([]byte{kind}, be16(version), prefixed(2, body))
}

// handshake returns one handshake message.
func handshake(kind uint8, body []byte) []byte {
	return append([]byte{kind}, prefixed(3, body)...)
}

func extension(id uint16, body []byte) []byte { return append(be16(id), prefixed(2, body)...) }

// legacyOnly reports that the client knows nothing newer than what is negotiated.
func (h Hello) legacyOnly() bool { return h.version() < TLS12 }

// ClientHello returns the handshake message (RFC 8446 section 4.1.2), without record header.
func ClientHello(h Hello) []byte {
	ciphers := []uint16{0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030}
	if h.legacyOnly() {
		ciphers = []uint16{0xc013, 0xc014, 0x002f}
	}
	ciphers = append(ciphers, h.cipher())
	legacy := uint16(TLS12)
	if h.legacyOnly() {
		legacy = h.version()
	}
	var ext []byte
	if h.Padding > 0 {
		ext = append(ext, extension(21, make([]byte, h.Padding))...) // RFC 7685
	}
	if h.SNI != "" {
		name := append([]byte{0}, prefixed(2, []byte(h.SNI))...)
		ext = append(ext, extension(0, prefixed(2, name))...)
	}
	ext = append(ext, extension(10, prefixed(2, be16(0x001d, 0x0017)))...)
	ext = append(ext, extension(11, []byte{1, 0})...)
	if !h.legacyOnly() {
		ext = append(ext, extension(13, prefixed(2, be16(0x0403, 0x0804, 0x0401, 0x0807)))...)
		ext = append(ext, extension(16, prefixed(2, protocols(h.alpn())))...)
		ext = append(ext, extension(43, prefixed(1, be16(TLS13, TLS12)))...)
		share := append(be16(0x001d), prefixed(2, noise(h.Seed+"share", 32))...)
		ext = append(ext, extension(51, prefixed(2, share))...)
		ext = append(ext, extension(45, []byte{1, 1})...)
	}
	if h.ECH {
		ext = append(ext, extension(0xfe0d, encryptedHello(h.Seed))...)
	}
	if h.Params != nil {
		ext = append(ext, extension(57, h.Params)...)
	}
	session := noise(h.Seed+"session", 32)
	if h.Params != nil {
		session = nil // RFC 9001 section 8.4
	}
	body := concat(be16(legacy), noise(h.Seed+"client", 32), prefixed(1, session),
		prefixed(2, be16(ciphers...)), []byte{1, 0}, prefixed(2, ext))
	return handshake(1, body)
}

func protocols(list []string) []byte {
	var b []byte
	for _, p := range list {
		b = append(b, prefixed(1, []byte(p))...)
	}
	return b
}

// encryptedHello is the outer form of RFC 9849 section 5: HKDF-SHA256,
// AES-128-GCM, config 7, an encapsulated key and a payload.
func encryptedHello(seed string) []byte {
	return concat([]byte{0}, be16(1, 1), []byte{7}, prefixed(2, noise(seed+"enc", 32)), prefixed(2, noise(seed+"ech", 144)))
}

// ServerHello returns the handshake message that chooses version and cipher.
func ServerHello(h Hello) []byte {
	legacy := h.version()
	var ext []byte
	if h.version() == TLS13 {
		legacy = TLS12
		ext = append(ext, extension(43, be16(TLS13))...)
		ext = append(ext, extension(51, append(be16(0x001d), prefixed(2, noise(h.Seed+"server share", 32))...))...)
	} else {
		ext = append(ext, extension(0xff01, []byte{0})...)
	}
	session := noise(h.Seed+"session", 32)
	if h.Params != nil {
		session = nil
	}
	body := concat(be16(legacy), noise(h.Seed+"server", 32), prefixed(1, session),
		be16(h.cipher()), []byte{0}, prefixed(2, ext))
	return handshake(2, body)
}

// Certificate returns the handshake message of TLS 1.2 and older, with one
// self-signed certificate for names.
func Certificate(names []string) []byte {
	return handshake(11, prefixed(3, prefixed(3, leaf(names))))
}

// leaf is a certificate in DER. Ed25519 signs without randomness, so that the
// same names give the same bytes.
func leaf(names []string) []byte {
	key := ed25519.NewKeyFromSeed(noise("synth certificate", ed25519.SeedSize))
	t := &x509.Certificate{
		SerialNumber: big.NewInt(int64(binary.BigEndian.Uint32(noise(names[0], 4)))),
		Subject:      pkix.Name{CommonName: names[0], Organization: []string{"Synthetic"}},
		NotBefore:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		DNSNames:     names,
	}
	der, err := x509.CreateCertificate(nil, t, t, key.Public(), key)
	if err != nil {
		panic("synth: certificate: " + err.Error()) // a fixed template: cannot fail at run time
	}
	return der
}

// clientFirst is what the client of a connection over TCP sends first.
func (h Hello) clientFirst() []byte {
	v := uint16(TLS10) // RFC 8446 section 5.1 allows it for the first record
	return Record(recordHandshake, v, ClientHello(h))
}

// serverFirst is the server's answer: all its flight.
func (h Hello) serverFirst() []byte {
	hello := Record(recordHandshake, min(h.version(), TLS12), ServerHello(h))
	if h.version() == TLS13 {
		return concat(hello, Record(recordCCS, TLS12, []byte{1}), Record(recordData, TLS12, noise(h.Seed+"flight", 1180)))
	}
	names := h.Names
	if names == nil {
		names = []string{h.SNI}
	}
	parts := [][]byte{hello}
	if !h.anonymous() {
		parts = append(parts, Record(recordHandshake, h.version(), Certificate(names)))
	}
	if h.ephemeral() {
		parts = append(parts, Record(recordHandshake, h.version(), h.serverKeyExchange()))
	}
	return concat(append(parts, Record(recordHandshake, h.version(), handshake(14, nil)))...)
}

// retryRequest is a HelloRetryRequest: a ServerHello with the digest of
// "HelloRetryRequest" as its random, which chooses another group.
func (h Hello) retryRequest() []byte {
	random := sha256.Sum256([]byte("HelloRetryRequest"))
	ext := append(extension(43, be16(TLS13)), extension(51, be16(0x0017))...)
	body := concat(be16(TLS12), random[:], prefixed(1, noise(h.Seed+"session", 32)), be16(h.cipher()), []byte{0}, prefixed(2, ext))
	return concat(Record(recordHandshake, TLS12, handshake(2, body)), Record(recordCCS, TLS12, []byte{1}))
}

func (h Hello) anonymous() bool { return h.cipher() == 0x0034 } // TLS_DH_anon_WITH_AES_128_CBC_SHA

// ephemeral reports an ECDHE suite, the only ones here with a ServerKeyExchange.
func (h Hello) ephemeral() bool { return h.cipher()>>8 == 0xc0 }

// serverKeyExchange is that of ECDHE over X25519 (RFC 8422 section 5.4).
func (h Hello) serverKeyExchange() []byte {
	point := concat([]byte{3}, be16(0x001d), prefixed(1, noise(h.Seed+"point", 32)))
	if h.version() == TLS12 {
		point = append(point, be16(0x0807)...)
	}
	return handshake(12, concat(point, prefixed(2, noise(h.Seed+"signature", 64))))
}

// clientSecond ends the client's part of the handshake.
func (h Hello) clientSecond() []byte {
	if h.version() == TLS13 {
		return concat(Record(recordCCS, TLS12, []byte{1}), Record(recordData, TLS12, noise(h.Seed+"finished", 53)))
	}
	exchange := prefixed(1, noise(h.Seed+"client point", 32))
	if !h.ephemeral() {
		exchange = prefixed(2, noise(h.Seed+"premaster", 128))
	}
	return concat(Record(recordHandshake, h.version(), handshake(16, exchange)),
		Record(recordCCS, h.version(), []byte{1}), Record(recordHandshake, h.version(), noise(h.Seed+"finished", 40)))
}

// serverSecond ends the server's part; TLS 1.3 has none.
func (h Hello) serverSecond() []byte {
	if h.version() == TLS13 {
		return nil
	}
	return concat(Record(recordCCS, h.version(), []byte{1}), Record(recordHandshake, h.version(), noise(h.Seed+"server finished", 40)))
}

// data is one record of n bytes of application data, as it looks on the wire.
func (h Hello) data(n int, seed string) []byte {
	return Record(recordData, min(h.version(), TLS12), noise(h.Seed+seed, n))
}

package synth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
)

// QUIC1 is version 1 (RFC 9000).
const QUIC1 = 0x00000001

// quicSalt1 makes the keys of the Initial packets of version 1 (RFC 9001 section 5.2).
var quicSalt1 = []byte{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}

// quicKeys protect the Initial packets of one direction.
type quicKeys struct {
	aead   cipher.AEAD
	header cipher.Block
	iv     []byte
}

// initialKeys derives the keys from the client's first destination connection
// ID; label is "client in" or "server in".
func initialKeys(dcid []byte, label string) quicKeys {
	secret := expandLabel(must(extractInitial(dcid)), label, 32)
	key := must(aes.NewCipher(expandLabel(secret, "quic key", 16)))
	return quicKeys{
		aead:   must(cipher.NewGCM(key)),
		header: must(aes.NewCipher(expandLabel(secret, "quic hp", 16))),
		iv:     expandLabel(secret, "quic iv", 12),
	}
}

func extractInitial(dcid []byte) ([]byte, error) { return hkdf.Extract(sha256.New, dcid, quicSalt1) }

// expandLabel is HKDF-Expand-Label without context (RFC 8446 section 7.1).
func expandLabel(secret []byte, label string, n int) []byte {
	info := concat(be16(uint16(n)), prefixed(1, []byte("tls13 "+label)), []byte{0})
	return must(hkdf.Expand(sha256.New, secret, string(info), n))
}

// must is for calls that fail only on sizes, which are constants here.
func must[T any](v T, err error) T {
	if err != nil {
		panic("synth: quic: " + err.Error())
	}
	return v
}

// QUICInitial returns a protected Initial packet (RFC 9000 section 17.2.2)
// with the given packet number and frames, padded to size bytes.
func QUICInitial(dcid, scid, first []byte, label string, number uint32, frames []byte, size int) []byte {
	head := concat([]byte{0xc3}, binary.BigEndian.AppendUint32(nil, QUIC1), prefixed(1, dcid), prefixed(1, scid), []byte{0})
	const overhead = 2 + 4 + 16 // length, packet number, tag
	payload := append([]byte{}, frames...)
	for len(head)+overhead+len(payload) < size {
		payload = append(payload, 0) // PADDING
	}
	head = append(head, be16(0x4000|uint16(4+len(payload)+16))...)
	at := len(head)
	head = binary.BigEndian.AppendUint32(head, number)
	keys := initialKeys(first, label)
	nonce := append([]byte{}, keys.iv...)
	for i := range 4 {
		nonce[8+i] ^= head[at+i]
	}
	packet := keys.aead.Seal(head, nonce, payload, head)
	var mask [16]byte
	keys.header.Encrypt(mask[:], packet[at+4:at+20])
	packet[0] ^= mask[0] & 0x0f
	for i := range 4 {
		packet[at+i] ^= mask[1+i]
	}
	return packet
}

// cryptoFrame carries handshake bytes from offset on (RFC 9000 section 19.6).
func cryptoFrame(offset int, data []byte) []byte {
	return concat([]byte{0x06}, be16(0x4000|uint16(offset)), be16(0x4000|uint16(len(data))), data)
}

// ackFrame acknowledges packet 0 (RFC 9000 section 19.3).
func ackFrame() []byte { return []byte{0x02, 0, 0, 0, 0} }

// quicHandshakePacket is a Handshake packet, whose contents no observer can read.
func quicHandshakePacket(dcid, scid []byte, seed string, n int) []byte {
	return concat([]byte{0xe1}, binary.BigEndian.AppendUint32(nil, QUIC1), prefixed(1, dcid), prefixed(1, scid),
		be16(0x4000|uint16(n)), noise(seed+"handshake", n))
}

// quicShort is a 1-RTT packet: a short header, then what looks like noise.
func quicShort(dcid []byte, seed string, n int) []byte {
	return concat([]byte{0x41}, dcid, noise(seed+"short", n))
}

// QUICParams are transport parameters that every client may send (RFC 9000 section 18.2).
func QUICParams(scid []byte) []byte {
	return concat([]byte{0x01, 0x04, 0x80, 0x00, 0x75, 0x30}, []byte{0x0f}, prefixed(1, scid))
}

// GoogleQUIC returns a CHLO of Google QUIC Q043: public header, a stream frame
// on stream 1 and the tags SNI, VER and PAD.
func GoogleQUIC(name string) []byte {
	version := []byte("Q043")
	pad := make([]byte, 1024)
	tags := concat([]byte("CHLO"), []byte{3, 0, 0, 0})
	end := uint32(0)
	for _, t := range []struct {
		tag   string
		value []byte
	}{{"PAD\x00", pad}, {"SNI\x00", []byte(name)}, {"VER\x00", version}} {
		end += uint32(len(t.value))
		tags = binary.LittleEndian.AppendUint32(append(tags, t.tag...), end)
	}
	chlo := concat(tags, pad, []byte(name), version)
	frame := concat([]byte{0xa0, 0x01}, binary.LittleEndian.AppendUint16(nil, uint16(len(chlo))), chlo)
	body := concat(noise("gquic hash", 12), frame)
	return concat([]byte{0x09}, noise("gquic connection", 8), version, []byte{1}, body)
}

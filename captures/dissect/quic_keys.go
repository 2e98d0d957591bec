package dissect

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"

	"github.com/spanrig/spanrig/captures"
)

// initialKeys protect the Initial packets of one connection (RFC 9001 section
// 5.2): both directions' follow from the client's first destination connection ID.
type initialKeys struct {
	version uint32
	dcid    []byte
	scheme  quicScheme
	secret  [sha256.Size]byte
	sides   [2]*packetKeys // client first; derived when needed
}

// packetKeys protect the packets of one direction.
type packetKeys struct {
	payload cipher.AEAD
	header  cipher.Block
	iv      [12]byte
}

// newInitialKeys returns nil for a version whose salt is unknown.
func newInitialKeys(version uint32, dcid []byte) *initialKeys {
	scheme, ok := schemeOf(version)
	if !ok {
		return nil
	}
	secret := hmacSHA256([]byte(scheme.salt), dcid) // HKDF-Extract (RFC 5869 section 2.2)
	return &initialKeys{version: version, dcid: bytes.Clone(dcid), scheme: scheme, secret: secret}
}

// side returns the keys of one direction, counted from the client; nil where
// the platform refuses them.
func (k *initialKeys) side(dir captures.Dir) *packetKeys {
	if k.sides[dir] == nil {
		label := "client in"
		if dir == captures.Resp {
			label = "server in"
		}
		k.sides[dir] = newPacketKeys(expandLabel(&k.secret, label, sha256.Size), k.scheme.label)
	}
	return k.sides[dir]
}

func newPacketKeys(secret [sha256.Size]byte, prefix string) *packetKeys {
	const keyLength, ivLength = 16, 12
	key := expandLabel(&secret, prefix+"key", keyLength)
	block, err := aes.NewCipher(key[:keyLength])
	if err != nil {
		return nil
	}
	k := &packetKeys{}
	if k.payload, err = cipher.NewGCM(block); err != nil {
		return nil
	}
	mask := expandLabel(&secret, prefix+"hp", keyLength)
	if k.header, err = aes.NewCipher(mask[:keyLength]); err != nil {
		return nil
	}
	iv := expandLabel(&secret, prefix+"iv", ivLength)
	copy(k.iv[:], iv[:ivLength])
	return k
}

// expandLabel is HKDF-Expand-Label with an empty context (RFC 8446 section
// 7.1) for at most the length of the hash, which is one round; the first n
// bytes of the result hold. With crypto/hkdf, reading a whole connection takes
// twice the time and five times the allocations.
func expandLabel(secret *[sha256.Size]byte, label string, n int) [sha256.Size]byte {
	var room [40]byte
	info := append(room[:0], byte(n>>8), byte(n), byte(len("tls13 ")+len(label)))
	info = append(append(append(info, "tls13 "...), label...), 0, 1)
	return hmacSHA256(secret[:], info)
}

// hmacSHA256 is HMAC (RFC 2104) for keys and messages of at most 64 bytes.
func hmacSHA256(key, message []byte) [sha256.Size]byte {
	var inner, outer [2 * sha256.BlockSize]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	n := copy(inner[sha256.BlockSize:], message)
	sum := sha256.Sum256(inner[:sha256.BlockSize+n])
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:sha256.BlockSize+len(sum)])
}

const (
	sampleOffset = 4 // bytes from the packet number to the sample (RFC 9001 section 5.4.2)
	sampleLength = 16
)

// open removes the protection of a packet whose number is at offset number
// (RFC 9001 sections 5.3 and 5.4). It appends the frames to scratch and
// returns nil where the keys do not fit. The packet is left as it is.
func (k *packetKeys) open(scratch, packet []byte, number int) []byte {
	if len(packet) < number+sampleOffset+sampleLength {
		return nil
	}
	var mask [aes.BlockSize]byte
	k.header.Encrypt(mask[:], packet[number+sampleOffset:number+sampleOffset+sampleLength])
	first := packet[0] ^ mask[0]&0x0f
	n := int(first&3) + 1

	associated := append(scratch[:0], packet[:number+n]...)
	associated[0] = first
	nonce := k.iv
	var full [4]byte
	for i := range n {
		associated[number+i] ^= mask[1+i]
		full[4-n+i] = associated[number+i]
	}
	low := nonce[len(nonce)-4:]
	binary.BigEndian.PutUint32(low, binary.BigEndian.Uint32(low)^binary.BigEndian.Uint32(full[:]))
	frames, err := k.payload.Open(associated[len(associated):], nonce[:], packet[number+n:], associated)
	if err != nil {
		return nil
	}
	return frames
}

package dissect

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
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
	secret  []byte
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
	secret, err := hkdf.Extract(sha256.New, dcid, []byte(scheme.salt))
	if err != nil {
		return nil
	}
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
		k.sides[dir] = newPacketKeys(expandLabel(k.secret, label, sha256.Size), k.scheme.label)
	}
	return k.sides[dir]
}

func newPacketKeys(secret []byte, prefix string) *packetKeys {
	k := &packetKeys{}
	block, err := aes.NewCipher(expandLabel(secret, prefix+"key", 16))
	if err != nil {
		return nil
	}
	if k.payload, err = cipher.NewGCM(block); err != nil {
		return nil
	}
	if k.header, err = aes.NewCipher(expandLabel(secret, prefix+"hp", 16)); err != nil {
		return nil
	}
	copy(k.iv[:], expandLabel(secret, prefix+"iv", len(k.iv)))
	return k
}

// expandLabel is HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
// It returns nil only for lengths that no caller asks for.
func expandLabel(secret []byte, label string, n int) []byte {
	info := make([]byte, 0, 32)
	info = append(info, byte(n>>8), byte(n), byte(len("tls13 ")+len(label)))
	info = append(append(append(info, "tls13 "...), label...), 0)
	out, err := hkdf.Expand(sha256.New, secret, string(info), n)
	if err != nil {
		return nil
	}
	return out
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

package synth

import (
	"encoding/hex"
	"testing"
)

// TestInitialKeys holds the key derivation against RFC 9001 appendix A.1.
func TestInitialKeys(t *testing.T) {
	dcid, err := hex.DecodeString("8394c8f03e515708")
	if err != nil {
		t.Fatal(err)
	}
	secret := expandLabel(must(extractInitial(dcid)), "client in", 32)
	for label, want := range map[string]string{
		"quic key": "1f369613dd76d5467730efcbe3b1a22d",
		"quic iv":  "fa044b2f42a3fd3b46fb255c",
		"quic hp":  "9f50449e04a0e810283a1e9933adedd2",
	} {
		if got := hex.EncodeToString(expandLabel(secret, label, len(want)/2)); got != want {
			t.Errorf("%s: %s, want %s", label, got, want)
		}
	}
}

// TestChecksum is the example of RFC 1071 section 3.
func TestChecksum(t *testing.T) {
	if got := checksum(0, []byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != ^uint16(0xddf2) {
		t.Errorf("%#x", got)
	}
}

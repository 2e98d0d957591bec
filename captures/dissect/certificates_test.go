package dissect

import (
	"encoding/binary"
	"reflect"
	"testing"
)

func TestCertificatesRemembered(t *testing.T) {
	c := NewCertificates()
	for i := range uint32(3 * rememberedCertificates) {
		der := binary.BigEndian.AppendUint32(nil, i%(rememberedCertificates+1))
		body := append([]byte{0, 0, 7, 0, 0, 4}, der...)
		if got, want := c.parse(body), ParseCertificates(body); !reflect.DeepEqual(got, want) || len(got) != 1 {
			t.Fatalf("certificate %d: %v, want %v", i, got, want)
		}
	}
	if len(c.known) > rememberedCertificates {
		t.Errorf("%d certificates are remembered", len(c.known))
	}
	var none *Certificates
	if got := none.parse([]byte{0, 0, 4, 0, 0, 1, 'x'}); len(got) != 1 {
		t.Errorf("without a memory: %v", got)
	}
}

package dissect

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"reflect"
	"slices"
	"testing"
)

// chainOf returns the body of a Certificate message.
func chainOf(certificates ...[]byte) []byte {
	var list []byte
	for _, der := range certificates {
		list = append(append(list, 0, byte(len(der)>>8), byte(len(der))), der...)
	}
	return append([]byte{0, byte(len(list) >> 8), byte(len(list))}, list...)
}

// TestRefusedCertificate: what crypto/x509 refuses is read all the same.
func TestRefusedCertificate(t *testing.T) {
	der := identity(t, "One.test.", "two.test").Certificate[0]
	negative := bytes.Replace(der, []byte("\xa0\x03\x02\x01\x02\x02\x01\x01"), []byte("\xa0\x03\x02\x01\x02\x02\x01\xff"), 1)
	if _, err := x509.ParseCertificate(negative); err == nil {
		t.Fatal("crypto/x509 takes a negative serial number")
	}
	got := ParseCertificates(chainOf(der, negative, []byte("no certificate")))
	if len(got) != 3 {
		t.Fatalf("%d certificates", len(got))
	}
	if !slices.Equal(got[0].Names, []string{"one.test", "two.test"}) || got[0].Subject != "CN=cn.test,O=Tests" || got[0].NotAfter.Year() != 2040 {
		t.Errorf("%+v", got[0])
	}
	if got[1].SHA256 != sha256.Sum256(negative) || got[0].SHA256 == got[1].SHA256 {
		t.Error("the digest is not that of the certificate")
	}
	got[1].SHA256 = got[0].SHA256
	if !reflect.DeepEqual(got[0], got[1]) {
		t.Errorf("refused: %+v\naccepted: %+v", got[1], got[0])
	}
	if want := (Certificate{SHA256: sha256.Sum256([]byte("no certificate"))}); !reflect.DeepEqual(got[2], want) {
		t.Errorf("no certificate: %+v", got[2])
	}
}

// TestCertificateNames: the common name counts where there is no other.
func TestCertificateNames(t *testing.T) {
	got := ParseCertificates(chainOf(identity(t).Certificate[0]))
	if len(got) != 1 || !slices.Equal(got[0].Names, []string{"cn.test"}) {
		t.Errorf("%+v", got)
	}
	many := slices.Repeat([][]byte{[]byte("x")}, 40)
	if got := ParseCertificates(chainOf(many...)); len(got) != certificateLimit {
		t.Errorf("%d certificates are kept", len(got))
	}
}

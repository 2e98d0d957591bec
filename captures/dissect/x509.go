package dissect

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"time"
)

// ParseCertificates reads the body of a Certificate message of TLS 1.2 and
// older (RFC 5246 section 7.4.2), at most 16 certificates. It takes what it can
// read: a certificate that is damaged has at least its SHA256.
func ParseCertificates(body []byte) []Certificate { return parseChain(body, certificate) }

func parseChain(body []byte, parse func(der []byte) Certificate) []Certificate {
	c := cursor{b: body}
	list := cursor{b: c.vector24()}
	var chain []Certificate
	for len(list.b) > 0 && len(chain) < certificateLimit {
		der := list.vector24()
		if list.bad || len(der) == 0 {
			break
		}
		chain = append(chain, parse(der))
	}
	return chain
}

func certificate(der []byte) Certificate {
	out := Certificate{SHA256: sha256.Sum256(der)}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		out.lenient(der)
		return out
	}
	out.Subject, out.Issuer, out.NotAfter = cert.Subject.String(), cert.Issuer.String(), cert.NotAfter
	for _, name := range cert.DNSNames {
		out.Names = append(out.Names, hostName([]byte(name)))
	}
	if len(out.Names) == 0 && cert.Subject.CommonName != "" {
		out.Names = []string{hostName([]byte(cert.Subject.CommonName))}
	}
	return out
}

// Parts of a TBSCertificate (RFC 5280 section 4.1), as far as names and dates go.
type tbsCertificate struct {
	Raw          asn1.RawContent
	Version      int `asn1:"optional,explicit,default:0,tag:0"`
	SerialNumber asn1.RawValue
	Algorithm    asn1.RawValue
	Issuer       asn1.RawValue
	Validity     asn1.RawValue
	Subject      asn1.RawValue
	PublicKey    asn1.RawValue
	UniqueID     asn1.RawValue    `asn1:"optional,tag:1"`
	SubjectID    asn1.RawValue    `asn1:"optional,tag:2"`
	Extensions   []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
}

var oidAlternativeName = asn1.ObjectIdentifier{2, 5, 29, 17}

// lenient takes the fields of a certificate that crypto/x509 refuses, each for itself.
func (out *Certificate) lenient(der []byte) {
	var outer struct {
		TBS asn1.RawValue
		Alg asn1.RawValue
		Sig asn1.RawValue
	}
	var tbs tbsCertificate
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return
	}
	if _, err := asn1.Unmarshal(outer.TBS.FullBytes, &tbs); err != nil {
		return
	}
	var subject pkix.Name
	out.Issuer, _ = distinguishedName(tbs.Issuer)
	out.Subject, subject = distinguishedName(tbs.Subject)
	var validity struct{ NotBefore, NotAfter time.Time }
	if _, err := asn1.Unmarshal(tbs.Validity.FullBytes, &validity); err == nil {
		out.NotAfter = validity.NotAfter
	}
	for _, e := range tbs.Extensions {
		if e.Id.Equal(oidAlternativeName) {
			out.Names = append(out.Names, alternativeNames(e.Value)...)
		}
	}
	if len(out.Names) == 0 && subject.CommonName != "" {
		out.Names = []string{strings.ToLower(subject.CommonName)}
	}
}

func distinguishedName(raw asn1.RawValue) (string, pkix.Name) {
	var sequence pkix.RDNSequence
	var name pkix.Name
	if _, err := asn1.Unmarshal(raw.FullBytes, &sequence); err != nil {
		return "", name
	}
	name.FillFromRDNSequence(&sequence)
	return name.String(), name
}

const tagDNSName = 2 // GeneralName, RFC 5280 section 4.2.1.6

func alternativeNames(der []byte) []string {
	var list asn1.RawValue
	if _, err := asn1.Unmarshal(der, &list); err != nil {
		return nil
	}
	var names []string
	for rest := list.Bytes; len(rest) > 0; {
		var name asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &name); err != nil {
			break
		}
		if name.Class == asn1.ClassContextSpecific && name.Tag == tagDNSName {
			names = append(names, hostName(name.Bytes))
		}
	}
	return names
}

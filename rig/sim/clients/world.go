package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/quic-go/quic-go/http3"
	"golang.org/x/net/dns/dnsmessage"
)

// serveWorld answers every name below .example with addr, by DNS, HTTP, HTTPS
// and HTTP/3, until ctx ends.
func serveWorld(ctx context.Context, addr, caFile string) error {
	authority, key, err := newAuthority(caFile)
	if err != nil {
		return err
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS10,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return issue(authority, key, hello.ServerName)
		},
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Alt-Svc", `h3=":443"; ma=60`)
		_, _ = w.Write([]byte("<!doctype html><title>spanrig</title><p>hello from " + r.Host + "\n"))
	})
	dns, err := net.ListenPacket("udp", addr+":53")
	if err != nil {
		return err
	}
	plain := &http.Server{Addr: addr + ":80", Handler: hello, ReadHeaderTimeout: 10 * time.Second}
	secure := &http.Server{Addr: addr + ":443", Handler: hello, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second}
	quic := &http3.Server{Addr: addr + ":443", Handler: hello, TLSConfig: http3.ConfigureTLSConfig(config.Clone())}
	failed := make(chan error, 4)
	go func() { failed <- answer(dns, netip.MustParseAddr(addr)) }()
	go func() { failed <- plain.ListenAndServe() }()
	go func() { failed <- secure.ListenAndServeTLS("", "") }()
	go func() { failed <- quic.ListenAndServe() }()
	select {
	case <-ctx.Done():
		return errors.Join(dns.Close(), plain.Close(), secure.Close(), quic.Close())
	case err := <-failed:
		return err
	}
}

// answer serves A records for names below .example and an empty answer for all else.
func answer(conn net.PacketConn, addr netip.Addr) error {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if q.Type == dnsmessage.TypeA && strings.HasSuffix(strings.ToLower(q.Name.String()), ".example.") {
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60},
				Body:   &dnsmessage.AResource{A: addr.As4()},
			}}
		}
		packed, err := m.Pack()
		if err != nil {
			continue
		}
		if _, err := conn.WriteTo(packed, from); err != nil {
			return err
		}
	}
}

// newAuthority makes a CA that lives as long as this run; its key never leaves
// the process.
func newAuthority(caFile string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "spanrig test CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return nil, nil, err
	}
	authority, err := x509.ParseCertificate(der)
	return authority, key, err
}

func issue(authority *x509.Certificate, authorityKey *ecdsa.PrivateKey, name string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority, &key.PublicKey, authorityKey)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

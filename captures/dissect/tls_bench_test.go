package dissect

import (
	"crypto/tls"
	"testing"

	"github.com/spanrig/spanrig/captures"
)

// BenchmarkClientHello is what the first message of a flow costs: facts, JA3 and JA4.
func BenchmarkClientHello(b *testing.B) {
	hello := fromHex(b, rfc8448ClientHello)
	b.ReportAllocs()
	for b.Loop() {
		var h handshake
		h.message(captures.Orig, CarrierTLS, typeClientHello, hello[handshakeHeading:], Mark{})
	}
}

// BenchmarkHandshakes is what a whole connection costs, without assembling its segments.
func BenchmarkHandshakes(b *testing.B) {
	server := &tls.Config{Certificates: []tls.Certificate{identity(b, "a.test")}}
	for name, version := range map[string]uint16{"tls12": tls.VersionTLS12, "tls13": tls.VersionTLS13} {
		turns, _ := live(b, &tls.Config{ServerName: "a.test", InsecureSkipVerify: true, MaxVersion: version}, server, 300)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read(turns, whole)
			}
		})
	}
	quic := []turn{orig(string(vector(b, "rfc9001-client-initial"))), resp(string(vector(b, "rfc9001-server-initial")))}
	b.Run("quic", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readQUIC(quic)
		}
	})
}

package world

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// FuzzAnswer: whatever the query, there is an answer to it that can be packed.
func FuzzAnswer(f *testing.F) {
	for _, name := range []string{"flysafe-api.dji.com.", "security.dji.com.", "c1.control.test.", ".", "nothing.example."} {
		for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeHTTPS, dns.TypeANY} {
			packed, err := new(dns.Msg).SetQuestion(name, kind).SetEdns0(512, true).Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(packed)
		}
	}
	w := &World{Config: Config{Endpoints: Endpoints(), HTTPSRecords: true}, log: &accessLog{to: io.Discard}}
	f.Fuzz(func(t *testing.T, b []byte) {
		query := new(dns.Msg)
		if query.Unpack(b) != nil {
			return
		}
		answer := w.answer(query)
		w.log.question("dns", nil, nil, answer)
		if packed, err := answer.Pack(); err != nil || len(packed) == 0 || answer.Id != query.Id || !answer.Response {
			t.Errorf("%v answers %v: %v", answer, query, err)
		}
	})
}

// FuzzTime: a client's packet gets an answer of the same size as its head, all
// else none.
func FuzzTime(f *testing.F) {
	f.Add(append([]byte{0x1b}, make([]byte, 47)...))
	f.Add([]byte{0x24})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, client := tellTime(b), len(b) >= ntpSize && b[0]&7 == 3
		if (len(got) == ntpSize) != client || !client && got != nil {
			t.Errorf("%d bytes for %d", len(got), len(b))
		}
	})
}

// FuzzStream: whatever comes instead of RTMP, the server ends when the client does.
func FuzzStream(f *testing.F) {
	f.Add(append([]byte{3}, bytes.Repeat([]byte{1}, 2*handshakeSize+10)...))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		client, server := net.Pipe()
		go func() {
			go func() { _, _ = io.Copy(io.Discard, client) }()
			_, _ = client.Write(b)
			client.Close()
		}()
		_ = server.SetDeadline(time.Now().Add(10 * time.Second))
		if takeStream(server) == "" {
			t.Error("nothing to log")
		}
		server.Close()
	})
}

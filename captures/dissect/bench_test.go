package dissect

import (
	"strings"
	"testing"
)

// BenchmarkConversation is what a flow costs from its first payload to its facts.
func BenchmarkConversation(b *testing.B) {
	for _, s := range []struct {
		name  string
		tcp   bool
		turns []turn
	}{
		{"http", true, []turn{orig("GET /index.html HTTP/1.1\r\nHost: www.example.test\r\nUser-Agent: bench/1\r\nAccept: */*\r\n\r\n"),
			resp("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\nServer: x\r\n\r\n" + strings.Repeat("b", 1300)), resp(strings.Repeat("b", 1400)), resp(strings.Repeat("b", 1300))}},
		{"unknown stream", true, []turn{orig(strings.Repeat("\xa7\x01", 700)), resp(strings.Repeat("\x99\x02", 700))}},
		{"dns", false, []turn{orig(query("www.example.test")), resp(string(answer(b)))}},
		{"unknown datagrams", false, []turn{orig(strings.Repeat("\xfe\x01", 100)), resp(strings.Repeat("\xfd\x02", 100))}},
	} {
		b.Run(s.name, func(b *testing.B) {
			payloads := make([][]byte, len(s.turns))
			for i := range payloads {
				payloads[i] = []byte(s.turns[i].text)
			}
			b.ReportAllocs()
			for b.Loop() {
				c := NewConversation(Transport{TCP: s.tcp, OrigPort: 40000, RespPort: 53})
				for i := range payloads {
					if s.tcp {
						c.Feed(s.turns[i].dir, payloads[i], Mark{})
					} else {
						c.Datagram(s.turns[i].dir, payloads[i], len(payloads[i]), Mark{})
					}
				}
			}
		})
	}
}

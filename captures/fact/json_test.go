package fact

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
)

func sample() *Fact {
	start := time.Date(2026, 11, 23, 10, 0, 0, 1, time.UTC)
	return &Fact{
		Flow: &flow.Flow{
			ID: captures.NewFrameID(0, 17), Last: captures.NewFrameID(0, 40), Proto: 6,
			Orig:  flow.Endpoint{Addr: netip.MustParseAddr("192.0.2.10"), Port: 50112},
			Resp:  flow.Endpoint{Addr: netip.MustParseAddr("203.0.113.7"), Port: 443},
			Start: start.UnixNano(), End: start.Add(1500 * time.Millisecond).UnixNano(),
			Packets: [2]uint64{12, 10}, Bytes: [2]uint64{1830, 5120}, State: flow.SF, VLAN: []uint16{42},
			App: dissect.Facts{
				Protocol: dissect.TLSProtocol,
				TLS: &dissect.TLS{Hello: true, ServerHello: true, SNI: "a.example", Version: 0x0304, Offered: []uint16{0x0304, 0x0303},
					Cipher: 0x1301, ALPN: []string{"h2"}, JA3: "x", JA4: "y",
					Alerts:       []dissect.Alert{{From: captures.Orig, Level: 2, Code: 48}, {From: captures.Resp, Encrypted: true}},
					Certificates: []dissect.Certificate{{Subject: "CN=a", Names: []string{"a.example"}, NotAfter: start}}},
				HTTP: &dissect.HTTP{Hosts: []string{"h\"\x00\xff.example"}, Requests: []dissect.HTTPRequest{{Method: "GET", Path: "/x", UserAgent: "ü"}}, MoreHosts: 3},
				DNS:  &dissect.DNS{Queries: []string{"q.example"}, Answers: []dissect.DNSAnswer{{Name: "q.example", Type: 1, Data: "203.0.113.7"}}},
				QUIC: &dissect.QUIC{Version: 1, SNI: "a.example", ALPN: []string{"h3"}, JA4: "z"},
			},
		},
		Names: []Name{{Name: "a.example", Source: FromSNI}, {Name: "a.example", Source: FromDNS}},
	}
}

// TestEncoder holds the handwritten encoder against the contract's example,
// decoded by encoding/json.
func TestEncoder(t *testing.T) {
	var e Encoder
	line := e.Append(nil, sample(), Attribution{Party: "first", Country: "US", ASN: 16509, Operator: "Example"})
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v\n%s", err, line)
	}
	if line[len(line)-1] != '\n' || bytes.Count(line, []byte("\n")) != 1 {
		t.Error("not one line")
	}
	for key, want := range map[string]any{
		"id": 17.0, "proto": "tcp", "start": "2026-11-23T10:00:00.000000001Z", "end": "2026-11-23T10:00:01.500000001Z",
		"orig_packets": 12.0, "resp_bytes": 5120.0, "duplicates": 0.0, "state": "SF", "party": "first", "country": "US", "asn": 16509.0,
	} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
	}
	tls := got["tls"].(map[string]any)
	if tls["version"] != "1.3" || tls["cipher"] != "TLS_AES_128_GCM_SHA256" || tls["ech_offered"] != false {
		t.Errorf("tls = %v", tls)
	}
	alert := tls["alerts"].([]any)[0].(map[string]any)
	if alert["from"] != "orig" || alert["level"] != "fatal" || alert["code"] != 48.0 {
		t.Errorf("alert = %v", alert)
	}
	http := got["http"].(map[string]any)
	if http["hosts"].([]any)[0] != "h\"\x00\ufffd.example" || http["more"] != 3.0 {
		t.Errorf("http = %v", http)
	}
}

// TestEncoderLists: "queries holds every question seen", and what is beyond the
// facts' own bound is counted.
func TestEncoderLists(t *testing.T) {
	f := sample()
	f.App.DNS = &dissect.DNS{Queries: make([]string, 100), MoreQueries: 5, MoreAnswers: 2}
	f.App.TLS.Certificates[0].Names, f.Names = make([]string, 65), make([]Name, 66)
	var got struct {
		DNS struct {
			Queries []string
			More    int
		}
		TLS struct {
			Certificates []struct {
				Names []string
				More  int
			}
		}
		Names []Name
		More  int
	}
	if err := json.Unmarshal(new(Encoder).Append(nil, f, Attribution{}), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.DNS.Queries) != 100 || got.DNS.More != 5+2 {
		t.Errorf("%d queries, %d more; want 100 and 7", len(got.DNS.Queries), got.DNS.More)
	}
	if c := got.TLS.Certificates[0]; len(c.Names) != 64 || c.More != 1 {
		t.Errorf("%d names of a certificate, %d more; want 64 and 1", len(c.Names), c.More)
	}
	if len(got.Names) != 64 || got.More != 2 {
		t.Errorf("%d names, %d more; want 64 and 2", len(got.Names), got.More)
	}
}

// TestEncoderAbsent: a key is absent where the fact was not seen.
func TestEncoderAbsent(t *testing.T) {
	f := sample()
	f.App, f.Names, f.VLAN = dissect.Facts{}, nil, nil
	var got map[string]any
	if err := json.Unmarshal(new(Encoder).Append(nil, f, Attribution{}), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"tls", "quic", "dns", "http", "names", "vlan", "party", "country", "asn", "operator", "file", "protocol"} {
		if v, ok := got[key]; ok {
			t.Errorf("%s = %v, want it absent", key, v)
		}
	}
}

func TestEncoderFile(t *testing.T) {
	f := sample()
	f.ID = captures.NewFrameID(1, 17)
	e := Encoder{Files: []string{"capture-0001.pcapng", "capture-0002.pcapng"}}
	var got map[string]any
	if err := json.Unmarshal(e.Append(nil, f, Attribution{}), &got); err != nil {
		t.Fatal(err)
	}
	if got["id"] != 17.0 || got["file"] != "capture-0002.pcapng" {
		t.Errorf("id %v file %v", got["id"], got["file"])
	}
}

// FuzzString: any string comes out as encoding/json would read it back.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "a", "\"\\\n\x00", "ü€😀", "\xff\xfe", "\xed\xa0\x80", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got, want string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		b, _ := json.Marshal(s)
		_ = json.Unmarshal(b, &want)
		if got != want {
			t.Errorf("%q became %q, encoding/json has %q", s, got, want)
		}
	})
}

// FuzzTime: every time prints as the time package prints it.
func FuzzTime(f *testing.F) {
	for _, ns := range []int64{0, 1, -1, 1e9, 86399999999999, -86400000000001, 1 << 62} {
		f.Add(ns)
	}
	var e Encoder
	f.Fuzz(func(t *testing.T, ns int64) {
		want := `"` + time.Unix(0, ns).UTC().Format(time.RFC3339Nano) + `"`
		if got := string(e.appendTime(nil, ns)); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	})
}

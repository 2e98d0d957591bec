package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// recordings lists what each client did: known from its command line in
// record.sh, not from what we read in its capture.
var recordings = []struct {
	file, name string
	version    uint16 // negotiated TLS; 0 where there is none
	quic, http bool
	alert      uint8 // plaintext alert of the client
}{
	{file: "curl", name: "curl.example", version: 0x0304},
	{file: "curl-http", name: "curl-http.example", http: true},
	{file: "openssl", name: "openssl.example", version: 0x0304},
	{file: "openssl-reject", name: "reject.example", version: 0x0304, alert: 48},
	{file: "go", name: "go.example", version: 0x0304},
	{file: "go-tls12", name: "go-tls12.example", version: 0x0303},
	{file: "quic-go", name: "quic-go.example", version: 0x0304, quic: true},
	{file: "chromium", name: "chromium.example", version: 0x0304},
	{file: "chromium-quic", name: "chromium-quic.example", version: 0x0304, quic: true},
}

// TestRecordings reads the committed captures, or those that record.sh has
// just made where CLIENTS_DIR names their folder.
func TestRecordings(t *testing.T) {
	dir := os.Getenv("CLIENTS_DIR")
	if dir == "" {
		dir = "../../../fixtures/traces/clients"
	}
	for _, r := range recordings {
		t.Run(r.file, func(t *testing.T) {
			set := read(t, filepath.Join(dir, r.file+".pcap"))
			asked := slices.ContainsFunc(set.Questions, func(q fact.Question) bool { return q.Name == r.name })
			if !asked {
				t.Errorf("no question for %s", r.name)
			}
			f := named(set, r.name, r.quic)
			if f == nil {
				t.Fatalf("no flow to %s", r.name)
			}
			if !slices.ContainsFunc(f.Names, func(n fact.Name) bool { return n.Name == r.name && n.Source == fact.FromDNS }) {
				t.Errorf("DNS does not name the flow: %v", f.Names)
			}
			handshake := f.App.TLS
			switch {
			case r.http:
				if f.Form != fact.Cleartext || f.App.HTTP == nil || f.App.HTTP.Requests[0].Path != "/index.html" {
					t.Errorf("form %v, http %+v", f.Form, f.App.HTTP)
				}
				return
			case r.quic:
				if handshake = f.App.QUIC.TLS; f.App.QUIC.JA4 == "" {
					t.Error("no JA4")
				}
			}
			if f.Form != fact.Encrypted || handshake == nil || handshake.Version != r.version {
				t.Errorf("form %v, handshake %+v", f.Form, handshake)
			}
			if r.alert != 0 && !slices.ContainsFunc(handshake.Alerts, func(a dissect.Alert) bool {
				return a.From == captures.Orig && a.Code == r.alert && !a.Encrypted
			}) {
				t.Errorf("alerts %+v, want the client's plaintext %d", handshake.Alerts, r.alert)
			}
		})
	}
}

func read(t *testing.T, path string) *fact.Set {
	t.Helper()
	src, err := pcapfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	set, err := fact.Extract(context.Background(), src, flow.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if set.Summary.Fault != nil {
		t.Fatal(set.Summary.Fault)
	}
	return set
}

// named finds the flow whose own handshake or request names the server.
func named(set *fact.Set, name string, quic bool) *fact.Fact {
	for i := range set.Facts {
		f := &set.Facts[i]
		if (f.App.QUIC != nil) == quic && len(f.Names) > 0 && f.Names[0].Name == name && f.Names[0].Source != fact.FromDNS {
			return f
		}
	}
	return nil
}

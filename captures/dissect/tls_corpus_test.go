package dissect_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/captures/dissect"
	"github.com/spanrig/spanrig/captures/flow"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// captureFolder returns the folder of real captures, or skips the test.
func captureFolder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("CORPUS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no captures to test on: %v", err)
	}
	return dir
}

// flowsOf reads the flows of a capture.
func flowsOf(t *testing.T, path string) []*flow.Flow {
	t.Helper()
	source, err := pcapfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var flows []*flow.Flow
	if _, err := flow.Assemble(context.Background(), source, flow.Config{}, flow.Observer{Flow: func(f *flow.Flow) { flows = append(flows, f) }}); err != nil {
		t.Fatal(err)
	}
	return flows
}

// TestTruthJA4 holds JA4 and server names against those of JA4's authors.
func TestTruthJA4(t *testing.T) {
	dir := filepath.Join(captureFolder(t), "ja4")
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Source      string `json:"src"`
		SourcePort  string `json:"src_port"`
		Destination string `json:"dst"`
		Port        string `json:"dst_port"`
		Name        string `json:"tls_server_name"`
		JA4         string `json:"ja4"`
	}
	var truth map[string][]entry
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	for file, want := range truth {
		got := map[entry]bool{}
		for _, f := range flowsOf(t, filepath.Join(dir, file)) {
			e := entry{Source: f.Orig.Addr.String(), SourcePort: strconv.Itoa(int(f.Orig.Port)), Destination: f.Resp.Addr.String(), Port: strconv.Itoa(int(f.Resp.Port))}
			if h := handshakeOf(f); h != nil {
				e.Name, e.JA4 = h.SNI, h.JA4
			}
			got[e] = true
		}
		for _, e := range want {
			if !got[e] {
				t.Errorf("%s: %+v is not among ours", file, e)
			}
		}
	}
}

func handshakeOf(f *flow.Flow) *dissect.TLS {
	if q := f.App.QUIC; q != nil {
		return q.TLS
	}
	return f.App.TLS
}

// TestHandshakesAgainstTshark holds versions, suites, server names and JA3
// against what tshark reads. The whole corpus is compared flow by flow through
// the command.
func TestHandshakesAgainstTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skipf("nothing to compare with: %v", err)
	}
	dir := captureFolder(t)
	compared := 0
	for _, name := range []string{
		"zeek/tls/ssl.v3.pcap", "zeek/tls/tls1_1.pcap", "zeek/tls/hrr.pcap", "zeek/tls/chrome-1250-tls-x25519-kyber.pcap",
		"ndpi/ja3_lots_of_cipher_suites.pcap", "ndpi/quic-mvfst-27.pcapng", "zeek/quic/quicv2-http3-443.pcap", "ndpi/dtls_certificate_fragments.pcap",
	} {
		path := filepath.Join(dir, name)
		var ours []string
		for _, f := range flowsOf(t, path) {
			if h := handshakeOf(f); h != nil {
				ours = append(ours, h.SNI, h.JA3)
				ours = append(ours, h.OtherSNI...)
				if h.ServerHello {
					ours = append(ours, strconv.Itoa(int(h.Version)), strconv.Itoa(int(h.Cipher)))
				}
			}
		}
		for _, theirs := range tsharkHandshakes(t, path) {
			if compared++; !slices.Contains(ours, theirs) {
				t.Errorf("%s: tshark has %s, we %v", name, theirs, ours)
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d values compared", compared)
	}
}

// tsharkHandshakes collects the values of all hellos of a capture: names, JA3,
// and the version and suite that servers chose.
func tsharkHandshakes(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.Command("tshark", "-n", "-2", "-r", path, "-o", "tcp.desegment_tcp_streams:TRUE", "-Y", "tls.handshake.type in {1,2} or dtls.handshake.type in {1,2}",
		"-T", "fields", "-E", "occurrence=f", "-e", "tls.handshake.type", "-e", "tls.handshake.extensions_server_name", "-e", "tls.handshake.ja3",
		"-e", "tls.handshake.version", "-e", "tls.handshake.extensions.supported_version", "-e", "tls.handshake.ciphersuite", "-e", "tls.handshake.random").Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	const retry = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
	values := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case len(f) < 7 || f[0] == "" || f[6] == retry:
			continue
		case f[0] == "1":
			values[strings.ToLower(f[1])] = true
			values[f[2]] = true
			continue
		case f[4] != "":
			f[3] = f[4]
		}
		for _, number := range []string{f[3], f[5]} {
			n, _ := strconv.ParseUint(number, 0, 16)
			values[strconv.FormatUint(n, 10)] = true
		}
	}
	delete(values, "")
	return slices.Sorted(maps.Keys(values))
}

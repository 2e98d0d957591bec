package dissect

import (
	"bytes"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAgainstTshark holds DNS names and HTTP hosts of real captures against
// tshark's. The whole corpus is compared flow by flow through the command.
func TestAgainstTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skipf("nothing to compare with: %v", err)
	}
	dir := corpus(t)
	files := []string{
		"ndpi/dns.pcap", "ndpi/dns_ambiguous_names.pcap", "ndpi/dns_long_domainname.pcap", "ndpi/dns_invert_query.pcapng", "ndpi/malformed_dns.pcap",
		"ndpi/http_connect.pcap", "ndpi/http-lines-split.pcap", "ndpi/http_asymmetric.pcapng", "ndpi/http-proxy.pcapng", "ndpi/WebattackSQLinj.pcap",
		"zeek/http/connect-with-smtp.pcap", "zeek/http/get_nosyn.pcap", "zeek/http/content-length-in-request-body.pcap", "zeek/http/no-uri.pcap",
	}
	compared := 0
	for _, name := range files {
		for key, segments := range tsharkSegments(t, filepath.Join(dir, name)) {
			wantNames, wantHosts := tsharkSays(segments)
			facts := replay(segments, strings.HasPrefix(key, "tcp"))
			var names, hosts []string
			if facts.DNS != nil {
				names = facts.DNS.Queries
			}
			if facts.HTTP != nil {
				hosts = facts.HTTP.Hosts
			}
			for _, n := range wantNames {
				if compared++; !slices.Contains(names, n) && len(names) < Limit {
					t.Errorf("%s %s: tshark has the query %q, we %q", name, key, n, names)
				}
			}
			for _, h := range wantHosts {
				if compared++; !slices.Contains(hosts, h) {
					t.Errorf("%s %s: tshark has the host %q, we %q", name, key, h, hosts)
				}
			}
		}
	}
	if compared < 30 {
		t.Errorf("only %d names compared", compared)
	}
}

func tsharkSegments(t *testing.T, path string) map[string][]segment {
	t.Helper()
	arguments := []string{"-n", "-2", "-r", path, "-o", "tcp.desegment_tcp_streams:TRUE", "-T", "fields",
		"-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=\x1f"}
	for _, field := range replayFields {
		arguments = append(arguments, "-e", field)
	}
	out, err := exec.Command("tshark", arguments...).Output()
	if len(out) == 0 {
		t.Fatalf("%s: tshark printed nothing: %v", path, err)
	}
	return readSegments(t, bytes.NewReader(out))
}

// tsharkSays collects what tshark calls a query and a host in a flow.
func tsharkSays(segments []segment) (names, hosts []string) {
	queries, authorities := map[string]bool{}, map[string]bool{}
	for _, s := range segments {
		if slices.Contains(s.protocols, "dns") {
			for _, n := range s.names {
				if !strings.HasPrefix(n, "<") { // the root, or a remark of tshark's on a name that it cannot read
					queries[strings.TrimRight(strings.ToLower(n), ".")] = true
				}
			}
		}
		if slices.Contains(s.protocols, "http") {
			for _, h := range s.hosts {
				authorities[h] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(queries)), slices.Sorted(maps.Keys(authorities))
}

package synth_test

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/captures/synth"
)

const s = time.Second

// everything is a recording with every kind of frame that synth can build.
func everything(r *synth.Recording) *synth.Recording {
	const first, second = "198.51.100.10", "198.51.100.12"
	return r.Search("lab.example").Standard(func(w *synth.Window) {
		w.At(30*s).QUIC("quic.example", first)
		w.At(31*s).Hello(second, 443, synth.Hello{SNI: "tls12.example", Version: synth.TLS12}).Close()
		w.At(32*s).Hello(second, 443, synth.Hello{SNI: "tls10.example", Version: synth.TLS10}).Close()
		w.At(33*s).Hello(second, 443, synth.Hello{SNI: "ech.example", ECH: true}).Alert().Close()
		w.At(34*s).Hello(second, 443, synth.Hello{SNI: "anonymous.example", Version: synth.TLS12, Cipher: 0x0034}).Reset()
		w.At(35*s).Connect(second, 1883).Send(synth.MQTTConnect("c", "user", "pass")).Reply(synth.MQTTConnack()).Close()
		w.At(36*s).Connect(second, 1935).Send(synth.RTMPHandshake(false)).Reply(synth.RTMPHandshake(true)).Close()
		w.At(37*s).Datagram(netip.MustParseAddr(first), 443, synth.GoogleQUIC("gquic.example"), nil)
		w.At(38*s).Datagram(netip.MustParseAddr(second), 3478, synth.STUNBinding(), nil)
		w.At(39*s).QUIC("quic.example", first).Late()
		w.At(28*s).Hello(second, 443, synth.Hello{SNI: "retry.example", Retry: true}).KeepAliveByte().Close()
		w.At(27*s).Connect(second, 443).Rejected(synth.Hello{SNI: "rejected.example"})
		w.At(26 * s).JoinIPv6()
		w.At(40*s).Query("alias.example", synth.TypeA, synth.DNSRecord{Name: "alias.example", Data: "host.example"},
			synth.DNSRecord{Name: "host.example", Addr: netip.MustParseAddr(first)})
		w.At(41*s).Query("nobody.example", synth.TypeAAAA)
		w.At(42*s).Connect("10.20.0.1", 53).Send(synth.Framed(synth.DNSMessage{ID: 7, Name: "tcp.example", Type: synth.TypeA}.Bytes())).Close()
		w.At(43*s).Connect("10.20.0.98", 1080).Send([]byte{5, 1, 0}).Reply([]byte{5, 0}).Send(synth.SOCKSConnect("socks.example", 443)).Close()
		w.At(44*s).From(synth.Neighbour).Dial(first, 443).Refused()
		w.At(45*s).TLS("alive.example", first).KeepAlive().Close()
		w.At(29*s).DTLS(second, 5684, synth.DTLS12)
		w.At(46*s).HTTP("api.example", second, synth.HTTPRequest("POST", "api.example", "/v1", "body", synth.BasicAuth("u", "p")), synth.HTTPResponse("200 OK", "ok"))
	})
}

// TestTshark lets Wireshark's dissectors read what synth builds, as the second
// opinion: nothing malformed, no wrong checksum, and the names that the script said.
func TestTshark(t *testing.T) {
	for name, r := range map[string]*synth.Recording{
		"plain":   everything(synth.New("plain")),
		"tagged":  everything(synth.New("tagged").Tagged(100, 42)),
		"erspan":  everything(synth.New("erspan").Tunnelled()),
		"doubled": everything(synth.New("doubled").Doubled()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := save(t, r)
			if bad := tshark(t, file, "_ws.malformed || _ws.expert.severity == error || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0",
				"frame.number", "_ws.col.Info"); len(bad) > 0 {
				t.Errorf("complaints:\n%s", strings.Join(bad, "\n"))
			}
			names := []string{"alive.example", "anonymous.example", "ech.example", synth.FirstName, "quic.example", "rejected.example", "retry.example", "tls10.example", "tls12.example"}
			if got := distinct(tshark(t, file, "tls.handshake.type == 1", "tls.handshake.extensions_server_name")); !slices.Equal(got, distinct(names)) {
				t.Errorf("server names %q, want %q", got, names)
			}
			if name != "plain" {
				return
			}
			if got := distinct(tshark(t, file, "gquic.tag.sni", "gquic.tag.sni")); !slices.Equal(got, []string{"gquic.example"}) {
				t.Errorf("Google QUIC names %q", got)
			}
			versions := distinct(tshark(t, file, "tls.handshake.type == 2 && tls.handshake.extensions.supported_version", "tls.handshake.extensions.supported_version"))
			if !slices.Equal(versions, []string{"0x0304"}) {
				t.Errorf("negotiated versions %q", versions)
			}
			if got := tshark(t, file, "dtls.handshake.type == 1 || dtls.handshake.type == 2", "dtls.record.version"); len(got) != 2 {
				t.Errorf("DTLS hellos: %q", got)
			}
			if n := len(tshark(t, file, "quic && tls.handshake.type == 2", "frame.number")); n == 0 {
				t.Error("the server's Initial was not decrypted")
			}
		})
	}
}

// TestTsharkIPv6 does the same for a bench with IPv6 only.
func TestTsharkIPv6(t *testing.T) {
	file := save(t, synth.New("six").IPv6Only().Standard(func(w *synth.Window) {
		w.At(30*s).Ping(synth.FirstAddr6, true)
		w.At(31*s).QUIC("quic.example", synth.FirstAddr6)
	}))
	if bad := tshark(t, file, "_ws.malformed || _ws.expert.severity == error || icmpv6.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0", "frame.number", "_ws.col.Info"); len(bad) > 0 {
		t.Errorf("complaints:\n%s", strings.Join(bad, "\n"))
	}
	if got := distinct(tshark(t, file, "icmpv6.opt.prefix", "icmpv6.opt.prefix", "icmpv6.opt.rdnss")); !slices.Equal(got, []string{"2001:db8:a::\t2001:db8:a::1"}) {
		t.Errorf("router advertisement %q", got)
	}
}

// TestTsharkLease reads what DHCP handed out.
func TestTsharkLease(t *testing.T) {
	file := save(t, everything(synth.New("lease")))
	got := tshark(t, file, "dhcp.option.dhcp == 5", "dhcp.ip.your", "dhcp.option.subnet_mask", "dhcp.option.domain_name_server", "dhcp.option.dhcp_dns_domain_search_list_fqdn")
	if want := []string{"10.20.0.10\t255.255.255.0\t10.20.0.1\tlab.example"}; !slices.Equal(got, want) {
		t.Errorf("lease %q, want %q", got, want)
	}
}

func save(t *testing.T, r *synth.Recording) string {
	t.Helper()
	path, err := r.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(path, "capture.pcapng")
}

// tshark prints fields of the frames that match filter, a line a frame.
func tshark(t *testing.T, file, filter string, fields ...string) []string {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	args := []string{"-n", "-r", file, "-Y", filter, "-T", "fields"}
	for _, protocol := range []string{"ip", "tcp", "udp"} {
		args = append(args, "-o", protocol+".check_checksum:TRUE")
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

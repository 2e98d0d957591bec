package policy

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/party"
)

// TestShippedPolicies holds every shipped policy to what a reader of a verdict
// may ask of it: no fault, and a source and a degree of certainty for each entry.
func TestShippedPolicies(t *testing.T) {
	if names := Builtin(); !slices.Equal(names, []string{"dji-pilot2", "transport"}) {
		t.Fatalf("built-in policies %v", names)
	}
	for _, name := range Builtin() {
		for _, f := range Lint(name) {
			t.Error(f)
		}
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != name || p.Title == "" || len(p.SHA256) != 64 {
			t.Errorf("%s: name %q, title %q, digest %q", name, p.Name, p.Title, p.SHA256)
		}
		for _, c := range p.Claims {
			if c.Quote == "" || c.Source == "" {
				t.Errorf("%s: claim %s does not say who promised it", name, c.ID)
			}
		}
		for _, e := range slices.Concat(p.Parties, p.Resolvers) {
			if e.Source == "" || e.Sure == "" || e.Line == 0 {
				t.Errorf("%s: entry %+v", name, e)
			}
		}
		for _, e := range p.Exceptions.HTTP {
			if e.Source == "" || e.Sure == "" {
				t.Errorf("%s: exception %+v", name, e)
			}
		}
		if len(p.Resolvers) == 0 || len(p.Secrets) == 0 || !p.Exceptions.DNS || !p.Exceptions.NTP {
			t.Errorf("%s lacks a part of TLS-1 or TLS-2", name)
		}
	}
}

func TestPilotPolicy(t *testing.T) {
	p, err := Load("dji-pilot2")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range knownClaims() {
		if r := ruleOf(id); r != nil && r.fitness {
			continue // of every policy
		}
		if !p.claims(id) {
			t.Errorf("claim %s is missing", id)
		}
	}
	if !slices.Equal(p.Countries, []string{"US"}) {
		t.Errorf("countries %v", p.Countries)
	}
	for _, s := range p.Services {
		if s.Title == "" || s.Source == "" || s.Sure == "" {
			t.Errorf("service %+v", s)
		}
	}
	book, err := party.NewBook(p.Parties)
	if err != nil {
		t.Fatal(err)
	}
	// An exception is for system noise: nobody else's endpoint goes in the clear by it.
	for _, e := range p.Exceptions.HTTP {
		if found, ok := book.ByName(e.Host); !ok || found.Party != party.System {
			t.Errorf("exception for %s, which is %q", e.Host, found.Party)
		}
	}
	// A system entry is one host: a domain would excuse all below it.
	for _, e := range p.Parties {
		if e.Party == party.System && !strings.HasPrefix(e.Domain, "=") {
			t.Errorf("system entry %s is no single host", e.Domain)
		}
	}
	for name, want := range map[string]party.Party{
		"dji.com": party.First, "hk.djigate.com": party.First, "cnblog.skypixel.com": party.First, "notdji.com": "", "dji.com.example": "",
		"api.mapbox.com": party.Provider, "xtrapath2.izatcloud.net": party.System, "android.bugly.qq.com": party.Provider, "www.qq.com": party.Third,
	} {
		if e, _ := book.ByName(name); e.Party != want {
			t.Errorf("%s is %q, want %q", name, e.Party, want)
		}
	}
}

// TestTransportPolicy: it fits any device.
func TestTransportPolicy(t *testing.T) {
	content, err := fixtures.Policies.ReadFile("policies/transport.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(bytes.ToLower(content), []byte("dji")) {
		t.Error("it names a maker")
	}
	p, err := Load("transport")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Claims) != 2 || !p.claims("TLS-1") || !p.claims("TLS-2") || len(p.Parties) != 0 {
		t.Errorf("claims %v, %d parties", p.Claims, len(p.Parties))
	}
}

// TestSecretPatterns tries each pattern on what it must find, and on what looks alike.
func TestSecretPatterns(t *testing.T) {
	found := map[string][]string{
		"authorization":          {"GET / HTTP/1.1\r\nAuthorization: Basic dTpw\r\n\r\n", "DESCRIBE rtsp://x RTSP/1.0\r\nauthorization:bearer a.b.c\r\n", "Proxy-Authorization: Digest username=\"u\""},
		"api-key-header":         {"GET / HTTP/1.1\r\nX-API-Key: 77\r\n"},
		"cookie":                 {"GET / HTTP/1.1\r\nCookie: id=1\r\n", "HTTP/1.1 200 OK\r\nset-cookie: s=1; Path=/\r\n"},
		"password-command":       {"USER pilot\r\nPASS hunter2\r\n", "PASS x\n"},
		"imap-login":             {"a1 LOGIN pilot hunter2\r\n", "A.2 login \"pilot\" \"hunter2\"\r\n"},
		"sasl-login":             {"EHLO x\r\nAUTH PLAIN AHUAcA==\r\n", "AUTH LOGIN\r\nZA==\r\n", "a1 AUTHENTICATE PLAIN\r\n"},
		"secret-parameter":       {"GET /?user=u&password=hunter2 HTTP/1.1", `{"access_token":"abcdef"}`, `{ "apiKey" : "abcdef" }`, "\r\n\r\npasswd=hunter2", "/o?X-Amz-Signature=00ff00ff"},
		"query-key":              {"GET /maps?key=AIzaSyD-0123456789abcdef HTTP/1.1"},
		"address-with-password":  {"ANNOUNCE rtsp://admin:hunter2@203.0.113.7/live RTSP/1.0"},
		"position-pair":          {`{"lat":48.137154,"lon":11.576124}`, "/e?latitude=48.137154&longitude=11.576124", "{\n \"latitude\": -33.8688,\n \"longitude\": 151.2093\n}"},
		"position-pair-reversed": {`{"lng":11.576124,"lat":48.137154}`},
		"position-parameter":     {"/geocode?location=48.137154,11.576124", "/tile?ll=-33.8688%2C151.2093"},
		"position-nmea":          {"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47", "$GNRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,,*6A", "$GPGLL,4916.45,N,12311.12,W,225444,A"},
	}
	clean := []string{
		"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n",
		"220 ready\r\n331 password please\r\n230 in\r\n",
		"250-AUTH PLAIN LOGIN\r\n250 OK\r\n", "* CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINDISABLED\r\n",
		"<p>Passing the time\npass the salt to me\nlogin here</p>",
		`{"platform":1.5,"flat":12.3456,"ratio":4.125}`, "/tile/14/8716/5683.png?v=1.20.3", "version=10.1.0.30&keyboard=us",
		"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nLOCATION: http://10.0.0.1:80/desc.xml\r\n",
		"$GPGSV,3,1,11,03,03,111,00,04,15,270,00*74",
	}
	for _, name := range Builtin() {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range p.Secrets {
			if len(found[pattern.ID]) == 0 {
				t.Errorf("%s: %s has no example", name, pattern.ID)
			}
			for _, s := range found[pattern.ID] {
				if !pattern.Regexp.MatchString(s) {
					t.Errorf("%s: %s does not find %q", name, pattern.ID, s)
				}
			}
			for _, s := range clean {
				if at := pattern.Regexp.FindString(s); at != "" {
					t.Errorf("%s: %s finds %q in %q", name, pattern.ID, at, s)
				}
			}
		}
	}
}

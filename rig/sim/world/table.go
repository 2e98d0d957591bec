package world

import "github.com/spanrig/spanrig/rig/party"

// Names that a device which misbehaves asks for. First-party ones are in the
// policy through the domain above them.
const (
	Abroad    = "hk.djigate.com"               // first party, in Hong Kong, run by an allowed operator: GEO-1 alone
	Foreign   = "cdn-us.djicdn.com"            // first party, in the US, run by Alibaba: GEO-2 alone
	OldTLS    = "legacy-api.djiservice.org"    // first party, TLS 1.0
	OnlyIPv6  = "v6.djicdn.com"                // first party, without an IPv4 address
	RawUDP    = "relay.djiits.com"             // first party, a protocol of its own over UDP
	Stream    = "live.skypixel.com"            // first party, RTMP in the clear
	Broker    = "es-flight-api-us.djigate.com" // first party, MQTT in the clear and over TLS
	Tracker   = "tracker.example"              // in no list of the policy
	Encrypted = "dns.google"                   // a resolver over TLS and HTTPS
	Control   = "control.test"                 // every name below it is the control host
)

// site is where a row's addresses are: the last number of both, and what the
// test databases say of the prefixes (fixtures/geo).
type site struct {
	prefix4, prefix6 string
	country          string
	asn              uint32
	operator         string
}

var (
	home     = site{"198.51.100.", "2001:db8:f::", "US", 16509, "Amazon (test world)"}
	alibaba  = site{"198.51.100.", "2001:db8:1f::", "US", 45102, "Alibaba (test world)"}
	cloud    = site{"198.51.100.", "2001:db8:d::", "US", 64496, "Example Cloud US"}
	google   = site{"192.0.2.", "2001:db8:b::", "US", 15169, "Google (test world)"}
	chip     = site{"192.0.2.", "2001:db8:1b::", "US", 64496, "Example Cloud US"}
	control  = site{"192.0.2.", "2001:db8:c::", "US", 64496, "Example Cloud US"}
	lab      = site{"203.0.113.", "2001:db8:1c::", "US", 64496, "Example Cloud US"}
	china    = site{"203.0.113.", "2001:db8:4000::", "CN", 64497, "Example CDN CN"}
	europe   = site{"203.0.113.", "2001:db8:8010::", "DE", 16509, "Amazon (test world)"}
	hongkong = site{"203.0.113.", "2001:db8:8020::", "HK", 16509, "Amazon (test world)"}
)

// row is one name; "*." before it makes it Wild, " = NAME" behind it an Alias of NAME.
type row struct {
	name string
	last int // number of both addresses: .10 and ::10
	use  string
}

var web = []Service{HTTP, HTTPS, HTTP3}

var groups = []struct {
	party    party.Party
	at       site
	services []Service
	rows     []row
}{
	{party.First, home, web, []row{
		{"*.dji.com", 1, ""}, {"*.dji.ink", 2, ""}, {"*.dji.net", 3, ""}, {"*.djicdn.com = d1.edge.example", 4, ""}, {"*.djigate.com", 5, ""},
		{"*.djiits.com", 6, ""}, {"*.djiops.com", 7, ""}, {"*.djiservice.org", 8, ""}, {"*.skypixel.com", 9, ""},
		{"flysafe-api.dji.com", 10, "flysafe"}, {"active.dji.com", 11, "registration"}, {"statistical-report.djiservice.org", 12, "improvement"},
		{"account-api.dji.com", 13, "account"}, {"mydjiflight.dji.com", 14, "registration"}, {"apigateway.djiservice.org", 15, "improvement"},
		{"api.djiservice.org", 16, "support"}, {"digital-elevation.djigate.com", 17, "maps"}, {"app-h5.dji.com", 18, "support"},
		{"repair.dji.com", 19, "support"}, {"service.dji.com", 20, "support"}, {"support.dji.com", 21, "support"},
		{"content.djiservice.org", 22, "support"}, {"adhoc.djiservice.org", 23, "firmware"}, {"service-adhoc.dji.com", 24, "firmware"},
		{"api.dji-services.com", 25, "registration"}, {"home-api-vg.djigate.com", 27, "cloud"}, {"cdp-vg.djiservice.org", 28, "improvement"},
		{"security.dji.com = d2.edge.example", 29, ""},
		{"*.robomaster.com", 40, ""}, {"*.djicorp.com", 41, ""}, {"*.djiexplore.com", 42, ""}, {"*.djistatic.com", 43, ""}, {"*.djivideos.com", 44, ""},
		{"*.hasselblad.com", 45, ""}, {"*.hasselbladbron.com", 46, ""}, {"*.dj2006.net", 47, ""}, {"*.motionpilot.ch", 48, ""}, {"*.fffsky.net", 49, ""},
		{"*.aasky.net", 50, ""}, {"*.dbeta.me", 51, ""}, {"*.dji-services.com", 52, ""},
	}},
	{party.First, home, []Service{HTTP, HTTPS, HTTP3, MQTT, MQTTS}, []row{{Broker, 26, "cloud"}}},
	{party.First, home, []Service{HTTP, TLS10}, []row{{OldTLS, 30, ""}}},
	{party.First, home, []Service{HTTP, HTTPS, HTTP3, Raw}, []row{{RawUDP, 31, ""}}},
	{party.First, home, []Service{HTTP, HTTPS, RTMP}, []row{{Stream, 32, ""}}},
	{party.First, home, web, []row{{OnlyIPv6, 33, ""}}},
	{party.First, alibaba, web, []row{{Foreign, 65, ""}}},
	{party.First, hongkong, web, []row{{Abroad, 241, ""}}},
	{party.First, europe, web, []row{{"es-flight-api-eu.djigate.com", 225, "cloud"}}},
	{party.First, china, web, []row{{"es-flight-api-cn.djigate.com", 130, "cloud"}}},
	{party.Provider, cloud, web, []row{{"*.mapbox.com", 81, "maps"}, {"*.agora.io", 82, "livestream"}, {"*.mob.com", 83, "improvement"}}},
	{party.Provider, cloud, []Service{HTTP, HTTPS, RTMP}, []row{{"*.sd-rtn.com", 84, "livestream"}}},
	{party.Provider, google, web, []row{{"*.djigo4-f53cb.firebaseio.com", 70, "improvement"}}},
	{party.Provider, china, web, []row{{"*.bugly.qq.com", 131, "improvement"}}},
	{party.System, google, web, []row{{"connectivitycheck.gstatic.com", 80, ""}, {"www.google.com", 81, ""}, {"play.googleapis.com", 82, ""}}},
	{party.System, google, []Service{NTP}, []row{{"time.android.com", 123, ""}}},
	{party.System, google, []Service{SUPL}, []row{{"supl.google.com", 83, ""}}},
	{party.System, chip, []Service{HTTP, HTTPS}, []row{
		{"xtrapath1.izatcloud.net", 11, ""}, {"xtrapath2.izatcloud.net", 12, ""}, {"xtrapath3.izatcloud.net", 13, ""},
		{"xtrapath4.izatcloud.net", 14, ""}, {"xtrapath5.izatcloud.net", 15, ""}, {"xtrapath6.izatcloud.net", 16, ""},
	}},
	{party.System, chip, []Service{NTP}, []row{{"time.izatcloud.net", 17, ""}, {"time.xtracloud.net", 18, ""}}},
	{party.Third, china, web, []row{
		{"*.weibo.com", 140, ""}, {"*.weibo.cn", 141, ""}, {"*.qq.com", 142, ""},
		{"*.aliyuncs.com", 143, ""}, {"*.alicdn.com", 144, ""}, {"*.myqcloud.com", 145, ""},
	}},
	{party.Unknown, google, []Service{HTTPS, HTTP3, DoH, DoT}, []row{{Encrypted, 88, ""}}},
	{party.Unknown, cloud, []Service{HTTPS, HTTP3, DoH, DoT}, []row{
		{"cloudflare-dns.com", 101, ""}, {"one.one.one.one", 102, ""}, {"dns.quad9.net", 103, ""}, {"dns.alidns.com", 104, ""},
	}},
	{party.Unknown, home, web, []row{{"d1.edge.example", 4, ""}, {"d2.edge.example", 29, ""}}},
	{party.Unknown, lab, []Service{HTTP, HTTPS, HTTP3, Raw}, []row{{"*." + Tracker, 20, ""}, {"ads.example", 21, ""}}},
	// the lab's own endpoints, which a policy of the lab's may call the operator's
	{party.Unknown, lab, web, []row{{"api.fleet.example", 63, ""}}},
	{party.Unknown, lab, []Service{MQTT, MQTTS, RTMP}, []row{{"mqtt.fleet.example", 64, ""}, {"live.fleet.example", 65, ""}}},
	{party.Control, control, []Service{HTTP, Echo}, []row{{"*." + Control, 200, ""}}},
}

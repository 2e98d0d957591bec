package fault

import (
	"slices"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
	"github.com/spanrig/spanrig/rig/sim/world"
)

// All lists the faults. The first is none: the device behaves, and every claim
// passes.
func All() []Fault {
	clean := Fault{Name: "none", About: "The device behaves.", Plan: "quick", Want: want("quick")}
	return slices.Concat([]Fault{clean}, leaks(), changes(), restricted(), residency(), transport(), readings(), sensors(), annoyances())
}

// often is between two of what is said again and again.
const often = time.Second

// in a mode, from its beginning on, again and again.
func in(m drivers.Mode) pilot.Trigger { return pilot.Trigger{On: pilot.Enter, In: m, Every: often} }

func leaking(l ...pilot.Leak) device.Knobs { return device.Knobs{App: pilot.Knobs{Leaks: l}} }

func https(name string) talk.Peer { return talk.Peer{Name: name, Port: 443} }

// firstParty is a name that the app uses in standard mode too.
const firstParty = "active.dji.com"

// Results of a contact with the first party in local data mode: LDM-1 by its
// party; LDM-2, for it is beyond the LAN and named outside the baseline; LDM-3,
// for its name is asked for first.
const contactAndQuery = "fail LDM-1 LDM-2 LDM-3"

// leaks in local data mode, whatever the protocol.
func leaks() []Fault {
	leak := func(name, about string, how pilot.Way, to talk.Peer, lines ...string) Fault {
		return Fault{Name: name, About: about, Plan: "tour", Knobs: leaking(pilot.Leak{When: in(drivers.LocalData), How: how, To: to}), Want: want("tour", lines...)}
	}
	udp := leak("leak-udp", "In local data mode the app sends datagrams of a protocol of its own to an address that it knew before.", pilot.OverUDP,
		talk.Peer{Name: world.RawUDP, Port: 9999},
		// the name is known from standard mode, so nothing is asked; what is in the datagrams nobody knows: TLS-1
		"fail LDM-1 LDM-2", "inconclusive TLS-1")
	udp.Knobs.App.Leaks = append(udp.Knobs.App.Leaks, pilot.Leak{When: in(drivers.Standard), How: pilot.OnlyAsks, To: talk.Peer{Name: world.RawUDP}})
	hidden, _ := world.Lookup(world.Endpoints(), world.Encrypted)
	return []Fault{
		leak("leak-tls", "In local data mode the app talks to the first party over TLS.", pilot.OverTLS, https(firstParty), contactAndQuery),
		leak("leak-quic", "In local data mode the app talks to the first party over HTTP/3.", pilot.OverQUIC, https(firstParty), contactAndQuery),
		// asking is no contact with the endpoint, and the resolver is on the LAN
		leak("leak-dns", "In local data mode the app asks for a first-party name and contacts nobody.", pilot.OnlyAsks, talk.Peer{Name: firstParty}, "fail LDM-3"),
		leak("leak-ipv6", "In local data mode the app talks to the first party over IPv6 alone.", pilot.OverTLS,
			talk.Peer{Name: world.OnlyIPv6, Port: 443, Family: 6}, contactAndQuery),
		udp,
		leak("leak-cleartext", "In local data mode the app talks to the first party over HTTP in the clear.", pilot.OverHTTP,
			talk.Peer{Name: "statistical-report.djiservice.org", Port: 80}, contactAndQuery, "fail TLS-1"),
		// a contact with a name outside the baseline (LDM-2), and questions that nobody can read (LDM-3)
		leak("encrypted-dns", "In local data mode the app asks an encrypted resolver (DoH).", pilot.OverDoH,
			talk.Peer{Name: world.Encrypted, Port: 443, Addrs: []addr{hidden.Addr4}}, "fail LDM-2", "inconclusive LDM-3"),
	}
}

// changes are leaks around a change of something.
func changes() []Fault {
	once := func(name, about, plan string, when pilot.Trigger, lines ...string) Fault {
		return Fault{Name: name, About: about, Plan: plan, Want: want(plan, lines...),
			Knobs: leaking(pilot.Leak{When: when, How: pilot.OverTLS, To: https(firstParty)})}
	}
	return []Fault{
		// one flow from before the read-back: LDM-4's alone
		{Name: "leak-toggle", About: "A connection of standard mode goes on in local data mode.", Plan: "tour",
			Knobs: device.Knobs{App: pilot.Knobs{KeepsOpen: true}}, Want: want("tour", "fail LDM-4")},
		{Name: "open-toggle", About: "A connection of standard mode stays open in local data mode and is silent.", Plan: "idle",
			Knobs: device.Knobs{App: pilot.Knobs{KeepsOpen: true, FallsQuiet: true}}, Want: want("idle", "inconclusive LDM-4")},
		once("leak-late", "In local data mode the app talks to the first party once, after nobody has touched it for long.", "soak",
			pilot.Trigger{On: pilot.Enter, In: drivers.LocalData, Quiet: 24 * time.Second}, contactAndQuery),
		// LDM-5 is the worst of LDM-1 to LDM-4 under such an event
		once("leak-plug", "In local data mode the app talks to the first party when USB is plugged in.", "plug",
			pilot.Trigger{On: pilot.Plug, In: drivers.LocalData}, contactAndQuery+" LDM-5"),
		once("leak-boot", "In local data mode the app talks to the first party when the device has booted, before anybody opens it.", "reboot",
			pilot.Trigger{On: pilot.Boot, In: drivers.LocalData}, contactAndQuery+" LDM-5"),
		once("leak-restart", "In local data mode the app talks to the first party when it is started.", "restart",
			pilot.Trigger{On: pilot.Launch, In: drivers.LocalData}, contactAndQuery+" LDM-5"),
	}
}

// restricted mode.
func restricted() []Fault {
	return []Fault{
		// a contact whose only service is off (RNM-1), and the service is not silent under the stimulus that made it speak (RNM-2)
		{Name: "rnm-deaf", About: "In restricted mode the map service ignores its switch.", Plan: "rnm",
			Knobs: device.Knobs{App: pilot.Knobs{Deaf: []string{"maps"}}}, Want: want("rnm", "fail RNM-1 RNM-2")},
		// no service explains it (RNM-1); the services themselves obey (RNM-2)
		{Name: "rnm-unlisted", About: "In restricted mode the app talks to a third party that belongs to no service.", Plan: "rnm",
			Knobs: leaking(pilot.Leak{When: in(drivers.Restricted), How: pilot.OverTLS, To: https("api.weibo.com")}), Want: want("rnm", "fail RNM-1")},
	}
}

// standardly makes the app speak so in standard mode, where no claim asks whom it talks to.
func standardly(name, about string, how pilot.Way, to talk.Peer, lines ...string) Fault {
	return Fault{Name: name, About: about, Plan: "tour", Want: want("tour", lines...),
		Knobs: leaking(pilot.Leak{When: in(drivers.Standard), How: how, To: to})}
}

// residency of first-party endpoints.
func residency() []Fault {
	return []Fault{
		// two databases agree on the country; the operator is an allowed one
		standardly("geo-abroad", "The app uses a first-party endpoint in another country.", pilot.OverTLS, https(world.Abroad), "fail GEO-1"),
		standardly("geo-operator", "The app uses a first-party endpoint in the US that an operator runs who is not allowed.", pilot.OverTLS, https(world.Foreign), "fail GEO-2"),
	}
}

// transport of payload in standard mode.
func transport() []Fault {
	return []Fault{
		standardly("tls10", "The app uses an endpoint over TLS 1.0.", pilot.OverTLS10, https(world.OldTLS), "fail TLS-1"),
		standardly("cleartext-http", "The app reports over HTTP in the clear.", pilot.OverHTTP,
			talk.Peer{Name: "statistical-report.djiservice.org", Port: 80}, "fail TLS-1"),
		standardly("cleartext-serial", "The app sends the device's serial number over HTTP in the clear.", pilot.Serial,
			talk.Peer{Name: "statistical-report.djiservice.org", Port: 80}, "fail TLS-1 TLS-2"),
		// without user name, password and serial number there is no secret in it: TLS-2 passes
		standardly("cleartext-mqtt", "The app publishes over MQTT in the clear.", pilot.OverMQTT, talk.Peer{Name: world.Broker, Port: 1883}, "fail TLS-1"),
		standardly("cleartext-rtmp", "The app streams over RTMP in the clear.", pilot.OverRTMP, talk.Peer{Name: world.Stream, Port: 1935}, "fail TLS-1"),
	}
}

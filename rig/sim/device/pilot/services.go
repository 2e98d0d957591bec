package pilot

import (
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// service is one switch of restricted mode, its tile on the home screen, and
// whom it talks to when the tile is opened.
type service struct {
	id    string // as in the policy
	label string // of its switch
	tile  string
	names []string // that its screen fetches from
}

// services in the order of the screen. Those of the last group are in no entry
// of the shipped policy: it knows no endpoint for them.
var services = []service{
	{"maps", "Map Services", "Map", []string{"api.mapbox.com", "digital-elevation.djigate.com"}},
	{"flysafe", "Fly Safe", "Fly Safe Zones", []string{"flysafe-api.dji.com"}},
	{"firmware", "Firmware Update", "Firmware Update", []string{"service-adhoc.dji.com"}},
	{"rtk", "Network RTK", "RTK", []string{"rtk.djigate.com"}},
	{"account", "User Account", "Account", []string{"account-api.dji.com"}},
	{"livestream", "Live Stream", "Live Stream", []string{"api.agora.io"}},
	{"cloud", "FlightHub 2", "Cloud Service", []string{"home-api-vg.djigate.com"}},
	{"improvement", "Product Improvement", "Health Management", []string{"cdp-vg.djiservice.org"}},
	{"logs", "Log Upload", "Upload Logs", []string{"log-upload.djiservice.org"}},
	{"flightrecords", "Flight Record Sync", "Flight Records", []string{"flight-record.dji.com"}},
}

// Services lists the ids of the services that have a switch.
func Services() []string {
	list := make([]string, len(services))
	for i := range services {
		list[i] = services[i].id
	}
	return list
}

func serviceOf(id string) *service {
	for i := range services {
		if services[i].id == id {
			return &services[i]
		}
	}
	return nil
}

const httpsPort = 443

// fetches are the requests of a service's screen.
func (s *service) fetches() []talk.Request {
	list := make([]talk.Request, len(s.names))
	for i, name := range s.names {
		list[i] = talk.Request{To: talk.Peer{Name: name, Port: httpsPort}, Path: "/v1/" + s.id}
	}
	return list
}

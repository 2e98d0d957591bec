package policy

import (
	"net/netip"
	"testing"

	"github.com/spanrig/spanrig/rig"
)

// socket says that a user of the device had the socket of a talk.
func (s *scene) socket(t *talk, second float64, uid string) {
	s.rec.Journal.Sockets = append(s.rec.Journal.Sockets, rig.SocketReading{Time: at(second), Proto: t.Proto, UID: uid,
		Local: netip.AddrPortFrom(t.Orig.Addr, t.Orig.Port), Remote: netip.AddrPortFrom(t.Resp.Addr, t.Resp.Port)})
}

// TestOwner: a nameless contact is the app's where its socket was.
func TestOwner(t *testing.T) {
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"of the app", func(s *scene) {
			s.rec.Inventory.App.UID = "10123"
			s.socket(s.udp(100, noAddr, 9000), 100.4, "10123")
		}, []string{"LDM-2 fail 1 flow of the app beyond the LAN to endpoints without a name: 203.0.113.99:9000", opaque}},
		{"of the system", func(s *scene) {
			s.rec.Inventory.App.UID = "10123"
			s.socket(s.udp(100, noAddr, 9000), 100.4, "1000")
		}, []string{nameless, opaque}},
		{"the app's socket of another time", func(s *scene) {
			s.rec.Inventory.App.UID = "10123"
			s.socket(s.udp(100, noAddr, 9000), 190, "10123")
		}, []string{nameless, opaque}},
		{"the inventory has no user", func(s *scene) { s.socket(s.udp(100, noAddr, 9000), 100.4, "") }, []string{nameless, opaque}},
		{"the baseline beats the user", func(s *scene) {
			s.rec.Inventory.App.UID = "10123"
			s.socket(s.udp(100, "203.0.113.129", 9000), 100.4, "10123")
		}, []string{opaque}},
	})
}

// TestOperatorsApp: a person sees an app run, not as which process.
func TestOperatorsApp(t *testing.T) {
	readings := func(s *scene, change func(i int, a *rig.AppReading)) {
		for i := range s.rec.Journal.Apps {
			a := &s.rec.Journal.Apps[i]
			a.PID, a.Running, a.Witness = nil, true, "operator"
			change(i, a)
		}
	}
	unmet := append(unfit(rig.ModeLocalData), "APP-1 inconclusive")
	runScenes(t, rig.ModeLocalData, []sceneCase{
		{"ran", func(s *scene) { readings(s, func(int, *rig.AppReading) {}) }, []string{"APP-1 pass the operator saw it running"}},
		{"did not run", func(s *scene) { readings(s, func(i int, a *rig.AppReading) { a.Running = i != 1 }) }, unmet},
		{"no person saw it", func(s *scene) { readings(s, func(_ int, a *rig.AppReading) { a.Witness = "" }) }, unmet},
		{"dark", func(s *scene) { readings(s, func(i int, a *rig.AppReading) { a.Awake = i != 2 }) }, unmet},
	})
}

package policy

import (
	"net/netip"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/rig"
)

// owners ties flows to the users of the device that had their sockets, as far
// as the rig saw these.
type owners map[ownerKey][]rig.SocketReading

type ownerKey struct {
	proto         uint8
	local, remote netip.AddrPort
}

func newOwners(j *rig.Journal) owners {
	if j == nil {
		return nil
	}
	o := owners{}
	for _, s := range j.Sockets {
		k := ownerKey{s.Proto, s.Local, s.Remote}
		o[k] = append(o[k], s)
	}
	return o
}

// uid is the user that had the socket of a flow while it went on, or near;
// empty where none was seen.
func (o owners) uid(f *deviceFlow) string {
	own, peer := f.Orig, f.Resp
	if f.side == captures.Resp {
		own, peer = peer, own
	}
	k := ownerKey{f.Proto, netip.AddrPortFrom(own.Addr, own.Port), netip.AddrPortFrom(peer.Addr, peer.Port)}
	for _, s := range o[k] {
		if s.Time >= f.Start-near && s.Time <= f.End+near {
			return s.UID
		}
	}
	return ""
}

// apps reports whether a flow is known to be of the app's user.
func (v *view) apps(f *deviceFlow) bool {
	app := v.rec.Inventory.App.UID
	return app != "" && v.owners.uid(f) == app
}

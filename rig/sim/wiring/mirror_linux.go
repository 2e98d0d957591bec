package wiring

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// mirror replaces the copying rules of the device's port.
func mirror(name string, m Mirror) error {
	r, err := openRoom(name, Switch)
	if err != nil {
		return err
	}
	defer r.close()
	return r.mirror(m)
}

func (r *room) mirror(m Mirror) error {
	from, err := r.nl.LinkByName(port)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", port, err)
	}
	to, err := r.nl.LinkByName(mirrorEnd)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", mirrorEnd, err)
	}
	hook := &netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
		LinkIndex: from.Attrs().Index, Handle: netlink.MakeHandle(0xffff, 0), Parent: netlink.HANDLE_CLSACT,
	}}
	if err := r.nl.QdiscDel(hook); err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("remove the old rules of %s: %w", port, err)
	}
	if err := r.nl.QdiscAdd(hook); err != nil {
		return fmt.Errorf("add clsact to %s: %w", port, err)
	}
	in, out := copies(m)
	if err := r.copyFrames(from, to, netlink.HANDLE_MIN_INGRESS, in); err != nil {
		return err
	}
	return r.copyFrames(from, to, netlink.HANDLE_MIN_EGRESS, out)
}

// copies says how often a frame is copied that comes in, or goes out.
func copies(m Mirror) (in, out int) {
	switch m {
	case MirrorIn:
		return 1, 0
	case MirrorOut:
		return 0, 1
	case MirrorNone:
		return 0, 0
	case MirrorDoubled:
		return 2, 2
	default:
		return 1, 1
	}
}

// copyFrames copies each frame at a hook n times: u32 that matches everything,
// with n mirred actions.
func (r *room) copyFrames(from, to netlink.Link, hook uint32, n int) error {
	if n == 0 {
		return nil
	}
	var actions []netlink.Action
	for range n {
		copying := netlink.NewMirredAction(to.Attrs().Index)
		copying.MirredAction, copying.ActionAttrs.Action = netlink.TCA_EGRESS_MIRROR, netlink.TC_ACT_PIPE
		actions = append(actions, copying)
	}
	filter := &netlink.U32{
		FilterAttrs: netlink.FilterAttrs{LinkIndex: from.Attrs().Index, Parent: hook, Priority: 1, Protocol: unix.ETH_P_ALL},
		Actions:     actions,
	}
	if err := r.nl.FilterAdd(filter); err != nil {
		return fmt.Errorf("mirror %s to %s: %w", port, mirrorEnd, err)
	}
	return nil
}

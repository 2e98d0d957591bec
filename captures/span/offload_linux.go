package span

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// gluing are the features of a card, or of the kernel for it, that make one
// frame of several (net/ethtool/common.c, netdev_features_strings).
var gluing = []string{"rx-gro", "rx-lro", "rx-gro-hw"}

const (
	stringSetFeatures = 4 // ETH_SS_FEATURES
	stringBytes       = 32
)

// ethtoolRequest is struct ifreq for SIOCETHTOOL.
type ethtoolRequest struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [24 - unsafe.Sizeof(uintptr(0))]byte
}

// ethtool runs a command on an interface; what it returns is in request.
func ethtool(fd int, iface string, request []byte) error {
	r := ethtoolRequest{data: unsafe.Pointer(&request[0])}
	copy(r.name[:unix.IFNAMSIZ-1], iface)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&r))); errno != 0 {
		return errno
	}
	return nil
}

// feature is where the kernel has a feature in its bit sets.
type feature struct {
	name string
	bit  int
}

// features finds the gluing features that this kernel knows.
func features(fd int, iface string) (found []feature, count int, err error) {
	info := append(words(unix.ETHTOOL_GSSET_INFO, 0), make([]byte, 12)...)
	binary.NativeEndian.PutUint64(info[8:], 1<<stringSetFeatures)
	if err := ethtool(fd, iface, info); err != nil {
		return nil, 0, err
	}
	if count = int(binary.NativeEndian.Uint32(info[16:])); count == 0 || count > 1<<10 {
		return nil, 0, unix.EOPNOTSUPP
	}
	names := append(words(unix.ETHTOOL_GSTRINGS, stringSetFeatures, uint32(count)), make([]byte, count*stringBytes)...)
	if err := ethtool(fd, iface, names); err != nil {
		return nil, 0, err
	}
	for bit := range count {
		name, _, _ := bytes.Cut(names[12+bit*stringBytes:12+(bit+1)*stringBytes], []byte{0})
		for _, g := range gluing {
			if string(name) == g {
				found = append(found, feature{g, bit})
			}
		}
	}
	return found, count, nil
}

// offloads lists the gluing features of an interface that are switched on.
func offloads(fd int, iface string) (on []feature, count int, err error) {
	known, count, err := features(fd, iface)
	if err != nil {
		return nil, 0, err
	}
	sets := (count + 31) / 32
	state := append(words(unix.ETHTOOL_GFEATURES, uint32(sets)), make([]byte, sets*16)...)
	if err := ethtool(fd, iface, state); err != nil {
		return nil, 0, err
	}
	for _, f := range known {
		active := state[8+f.bit/32*16+8:] // available, requested, active, never changed
		if binary.NativeEndian.Uint32(active)&(1<<(f.bit%32)) != 0 {
			on = append(on, f)
		}
	}
	return on, count, nil
}

// switchOffload switches one feature.
func switchOffload(fd int, iface string, f feature, count int, on bool) error {
	sets := (count + 31) / 32
	request := append(words(unix.ETHTOOL_SFEATURES, uint32(sets)), make([]byte, sets*8)...)
	valid := request[8+f.bit/32*8:]
	binary.NativeEndian.PutUint32(valid, 1<<(f.bit%32))
	if on {
		binary.NativeEndian.PutUint32(valid[4:], 1<<(f.bit%32))
	}
	return ethtool(fd, iface, request)
}

// unglue switches off what makes one frame of several, and says what it found.
func unglue(fd int, iface string) []Offload {
	on, count, err := offloads(fd, iface)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil // a card without features, such as a tun device
	}
	if err != nil {
		return []Offload{{Feature: "all", Problem: "cannot be read: " + err.Error()}}
	}
	var list []Offload
	for _, f := range on {
		o := Offload{Feature: f.name}
		err := switchOffload(fd, iface, f, count, false)
		still, _, errRead := offloads(fd, iface)
		switch {
		case errors.Is(err, unix.EPERM):
			o.Problem = "stays on: switching it off needs CAP_NET_ADMIN"
		case err != nil:
			o.Problem = "stays on: " + err.Error()
		case errRead != nil || has(still, f.name):
			o.Problem = "stays on: the driver does not switch it off"
		default:
			o.Off = true
		}
		list = append(list, o)
	}
	return list
}

// reglue switches on again what unglue switched off, and marks it.
func reglue(fd int, iface string, list []Offload) error {
	known, count, err := features(fd, iface)
	for i := range list {
		o := &list[i]
		for _, f := range known {
			if o.Off && f.name == o.Feature {
				errSwitch := switchOffload(fd, iface, f, count, true)
				o.Restored = errSwitch == nil
				err = errors.Join(err, errSwitch)
			}
		}
	}
	return err
}

func has(list []feature, name string) bool {
	for _, f := range list {
		if f.name == name {
			return true
		}
	}
	return false
}

// words are numbers as the kernel reads them.
func words(list ...uint32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.NativeEndian.AppendUint32(b, n)
	}
	return b
}

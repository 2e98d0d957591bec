package duml

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Release is a version number of four parts, most significant first.
type Release [4]byte

// String prints two decimal digits for each part: "01.02.03.00".
func (r Release) String() string { return fmt.Sprintf("%02d.%02d.%02d.%02d", r[0], r[1], r[2], r[3]) }

// Version is the answer to a version inquiry.
type Version struct {
	Hardware         string // at most 16 bytes, as the device spells it
	Loader, Firmware Release
	Flags            uint32  // bit 31 production, bit 30 safe upgrade; the rest is not known
	Unknown          [2]byte // the first two bytes, seen as zero
	Rest             []byte  // what follows, 0 to 4 bytes on devices that are known
}

// Production says that the device calls itself a production unit.
func (v Version) Production() bool { return v.Flags>>31 == 1 }

// SafeUpgrade says that the device supports safe upgrades.
func (v Version) SafeUpgrade() bool { return v.Flags>>30&1 == 1 }

const versionSize = 30

// ParseVersion reads the payload of an answer to a version inquiry, as
// o-gs/dji-firmware-tools describes it (30, 31 or 34 bytes; more is kept).
func ParseVersion(p []byte) (Version, error) {
	if len(p) < versionSize {
		return Version{}, fmt.Errorf("duml: version answer of %d bytes (% x), at least %d are needed", len(p), p, versionSize)
	}
	name := p[2:18]
	if end := bytes.IndexByte(name, 0); end >= 0 {
		name = name[:end]
	}
	return Version{
		Unknown: [2]byte(p[:2]), Hardware: string(name), Loader: release(p[18:]), Firmware: release(p[22:]),
		Flags: binary.LittleEndian.Uint32(p[26:]), Rest: append([]byte{}, p[versionSize:]...),
	}, nil
}

// Append encodes the answer onto b, for the device's side. A name longer than
// 16 bytes is cut.
func (v Version) Append(b []byte) []byte {
	b = append(b, v.Unknown[:]...)
	var name [16]byte
	copy(name[:], v.Hardware)
	b = append(b, name[:]...)
	for _, r := range []Release{v.Loader, v.Firmware} {
		b = append(b, r[3], r[2], r[1], r[0])
	}
	b = binary.LittleEndian.AppendUint32(b, v.Flags)
	return append(b, v.Rest...)
}

func release(p []byte) Release { return Release{p[3], p[2], p[1], p[0]} }

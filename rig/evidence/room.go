package evidence

import (
	"bytes"
	"fmt"

	"github.com/spanrig/spanrig/rig"
)

// Bounds of the three files that hold a bundle together, which are read before
// anything is known to be true.
const (
	maxSeal       = 64 << 20 // bytes of each
	maxSignatures = 100

	roomAtLeast = 1 << 20 // for all that does not grow with the files
	roomOfFile  = 192     // beside its name, which may be escaped
	roomOfLeaf  = 80
)

// sealRoom is how long manifest and SHA256SUMS of these files may be, and how long
// the attestation, which has all verdicts too.
type sealRoom struct{ manifest, attestation int64 }

func (r *sealRoom) add(name string, size int64) {
	r.manifest += roomOfFile + 2*int64(len(name)) + roomOfLeaf*(max(size, 0)/rig.LeafBytes)
	if name == VerdictsName {
		r.attestation += 3 * max(size, 0)
	}
}

// of is the room of one of the three.
func (r *sealRoom) of(name string) int64 {
	room := min(roomAtLeast+r.manifest, maxSeal)
	if name == AttestationName {
		room = min(2*room+r.attestation, maxSeal)
	}
	return room
}

// roomIn is that of a bundle that is there.
func roomIn(s store) (*sealRoom, error) {
	r := new(sealRoom)
	for _, name := range s.names() {
		size, err := s.size(name)
		if err != nil {
			return nil, err
		}
		r.add(name, size)
	}
	return r, nil
}

// checkRoom refuses to seal what nobody would read.
func (m *Manifest) checkRoom(seal map[string][]byte) error {
	r := new(sealRoom)
	for _, f := range m.Files {
		r.add(f.Name, f.Bytes)
	}
	for name, content := range seal {
		if room := r.of(name); int64(len(content)) > room {
			return fmt.Errorf("%s would have %d bytes, and %d is the most for these files; seal a recording with fewer files or windows", name, len(content), room)
		}
	}
	return nil
}

// fewSignatures refuses more signatures than anybody would check. In canonical
// form each begins with a brace, and so does the envelope; none is elsewhere.
func fewSignatures(envelope []byte) error {
	if n := bytes.Count(envelope, []byte("{")) - 1; n > maxSignatures {
		return differs(AttestationName, "it has %d signatures, and %d is the most", n, maxSignatures)
	}
	return nil
}

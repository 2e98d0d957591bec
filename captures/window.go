package captures

// Dir is a direction within a flow.
type Dir uint8

// Orig is from the originator to the responder, Resp the way back.
const (
	Orig Dir = 0
	Resp Dir = 1
)

// Reverse returns the other direction.
func (d Dir) Reverse() Dir { return d ^ 1 }

func (d Dir) String() string {
	if d == Orig {
		return "orig"
	}
	return "resp"
}

// MAC is a 48-bit link-layer address; the zero value means "none seen".
type MAC [6]byte

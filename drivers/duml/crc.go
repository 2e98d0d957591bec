package duml

const (
	seed8  = 0x77
	seed16 = 0x3692
)

var (
	table8  = makeTable8(0x8c)
	table16 = makeTable16(0x8408)
)

func makeTable8(polynomial byte) (t [256]byte) {
	for i := range t {
		v := byte(i)
		for range 8 {
			carry := v & 1
			v >>= 1
			v ^= polynomial * carry
		}
		t[i] = v
	}
	return t
}

func makeTable16(polynomial uint16) (t [256]uint16) {
	for i := range t {
		v := uint16(i)
		for range 8 {
			carry := v & 1
			v >>= 1
			v ^= polynomial * carry
		}
		t[i] = v
	}
	return t
}

// crc8 is the checksum of a frame's first three bytes.
func crc8(p []byte) byte {
	v := byte(seed8)
	for _, b := range p {
		v = table8[v^b]
	}
	return v
}

// crc16 is the checksum of all of a frame but its last two bytes.
func crc16(p []byte) uint16 {
	v := uint16(seed16)
	for _, b := range p {
		v = v>>8 ^ table16[byte(v)^b]
	}
	return v
}

package pcapfile

import "fmt"

// Option codes of draft-ietf-opsawg-pcapng that this package reads or writes.
const (
	optEnd     = 0 // opt_endofopt
	optComment = 1 // opt_comment

	shbHardware    = 2
	shbOS          = 3
	shbApplication = 4

	ifName        = 2
	ifDescription = 3
	ifResolution  = 9  // if_tsresol
	ifFilter      = 11 // one byte of type, then the filter
	ifOffset      = 14 // if_tsoffset, seconds

	isbStart     = 2 // isb_starttime, upper half first
	isbReceived  = 4 // isb_ifrecv
	isbDropped   = 5 // isb_ifdrop
	isbOSDropped = 7 // isb_osdrop
	isbDelivered = 8 // isb_usrdeliv
)

// An Option is one option of a block. Value points into the block.
type Option struct {
	Code  uint16
	Value []byte
}

// Options returns the options of a section header, interface description,
// interface statistics, enhanced or obsolete packet block in their order, and
// none for other types. The error names what does not fit; the options before
// it are returned.
func (b *Block) Options() ([]Option, error) {
	fixed := fixedLen(b.Type)
	if fixed < 0 || b.Type == SimplePacket {
		return nil, nil
	}
	body := b.Body()
	start := uint64(fixed) + padded(uint64(b.capturedLen()))
	if uint64(len(body)) < start {
		return nil, fmt.Errorf("%v of %d bytes is too short", b.Type, len(b.Raw))
	}
	var options []Option
	for rest := body[start:]; len(rest) > 0; {
		var o Option
		var err error
		if o, rest, err = nextOption(rest, b.order); err != nil {
			return options, fmt.Errorf("%v: %w", b.Type, err)
		}
		if o.Code == optEnd {
			break
		}
		options = append(options, o)
	}
	return options, nil
}

// Comments returns the comments (opt_comment) of the block in their order, and
// the error of [Block.Options].
func (b *Block) Comments() ([]string, error) {
	options, err := b.Options()
	var comments []string
	for _, o := range options {
		if o.Code == optComment {
			comments = append(comments, string(o.Value))
		}
	}
	return comments, err
}

func nextOption(b []byte, order byteOrder) (o Option, rest []byte, err error) {
	if len(b) < 4 {
		return o, nil, fmt.Errorf("option of %d bytes where 4 are needed", len(b))
	}
	o.Code = order.u16(b)
	size := int(order.u16(b[2:]))
	if len(b)-4 < size {
		return o, nil, fmt.Errorf("option %d of %d bytes where %d are left", o.Code, size, len(b)-4)
	}
	o.Value = b[4 : 4+size]
	// The padding of the last option may be missing: other readers accept that.
	return o, b[min(4+padded(size), len(b)):], nil
}

// padded is n rounded up to the 32 bits to which pcapng aligns everything.
func padded[T int | uint64](n T) T { return (n + 3) &^ 3 }

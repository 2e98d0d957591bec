package pcapfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// Rewrite copies the pcapng stream r (plain, gzip or zstd) to w, plain. It asks
// edit about each frame by its number: whether to keep it, and the comments to
// add to it. All other blocks and the frames without new comments pass through
// byte for byte; but section headers lose the length of their section, which
// would no longer be true. A nil edit changes nothing at all.
//
// The error is that of w or of [Blocks]; what stands before a fault has been
// copied. A simple packet block has no place for comments, which is an error.
func Rewrite(w io.Writer, r io.Reader, edit func(number uint64) (keep bool, comments []string)) error {
	number := uint64(0)
	for b, err := range Blocks(r) {
		if err != nil {
			return err
		}
		raw := b.Raw
		if edit != nil {
			if b.Type.numbered() {
				number++
			}
			if raw, err = b.edited(number, edit); err != nil {
				return err
			}
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	return nil
}

// edited returns the block as edit wants it; empty where it is dropped.
func (b *Block) edited(number uint64, edit func(uint64) (bool, []string)) ([]byte, error) {
	switch b.Type {
	case SectionHeader:
		if len(b.Body()) < fixedLen(b.Type) {
			return nil, fmt.Errorf("%v of %d bytes is too short", b.Type, len(b.Raw))
		}
		raw := slices.Clone(b.Raw)
		binary.LittleEndian.PutUint64(raw[16:], math.MaxUint64) // -1: unknown
		return raw, nil
	case EnhancedPacket, SimplePacket, ObsoletePacket:
		keep, comments := edit(number)
		switch {
		case !keep:
			return nil, nil
		case len(comments) > 0:
			return b.commented(comments)
		}
	}
	return b.Raw, nil
}

// commented returns a copy of the block with comments after its own options.
func (b *Block) commented(comments []string) ([]byte, error) {
	if b.Type == SimplePacket {
		return nil, fmt.Errorf("frame at byte %d: %v holds no comments", b.Offset, b.Type)
	}
	options, err := b.Options()
	if err != nil {
		return nil, fmt.Errorf("frame at byte %d: %w", b.Offset, err)
	}
	for _, c := range comments {
		options = append(options, Option{optComment, []byte(c)})
	}
	var order binary.AppendByteOrder = binary.LittleEndian
	if b.order == bigEndian {
		order = binary.BigEndian
	}
	head := blockHeaderLen + fixedLen(b.Type) + padded(int(b.capturedLen()))
	raw := slices.Clone(b.Raw[:head])
	for _, o := range append(options, Option{Code: optEnd}) {
		raw = appendOption(raw, order, o)
	}
	size := uint32(len(raw) + 4)
	return order.AppendUint32(append(order.AppendUint32(raw[:4:4], size), raw[8:]...), size), nil
}

package evidence

import (
	"encoding/binary"
	"math"
)

// The form of a zip (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5) that a bundle
// has. All of it follows from names, sizes, CRCs and the order of the files, so
// that it can be made again and compared: nothing is compressed, times are the
// earliest that the format knows, files are of mode 0600, and there is no
// comment, no extra field but that of large files, no byte between.
const (
	sigLocal     = 0x04034b50
	sigDirectory = 0x02014b50
	sigEnd       = 0x06054b50
	sigEnd64     = 0x06064b50
	sigLocator64 = 0x07064b50

	lenLocal     = 30
	lenDirectory = 46
	lenEnd       = 22
	lenEnd64     = 56
	lenLocator64 = 20

	versionPlain = 20
	versionLarge = 45
	madeBy       = 3 << 8 // Unix, for the mode
	flagUTF8     = 1 << 11
	dosDate      = 1<<5 | 1               // 1980-01-01, 00:00
	unixMode     = uint32(0o100600) << 16 // a regular file of mode 0600
	large        = math.MaxUint32         // from here on sizes stand in the extra field
)

// entry is a file in a zip.
type entry struct {
	name   string
	size   int64
	crc    uint32
	offset int64  // of its local header
	form   []byte // as read from a directory: flags, method, time, date
}

// ours is the form that every entry of this program has.
var ours = (&entry{}).directory()[8:16]

// content is where the file's bytes begin.
func (e *entry) content() int64 { return e.offset + int64(len(e.local())) }

// end is where the next local header begins.
func (e *entry) end() int64 { return e.content() + e.size }

func (e *entry) version() uint16 {
	if e.size >= large || e.offset >= large {
		return versionLarge
	}
	return versionPlain
}

// local is the local header.
func (e *entry) local() []byte {
	size, version := uint32(min(e.size, large)), uint16(versionPlain)
	var extra []byte
	if e.size >= large {
		version = versionLarge
		extra = extra64(uint64(e.size), uint64(e.size))
	}
	b := binary.LittleEndian.AppendUint32(nil, sigLocal)
	b = binary.LittleEndian.AppendUint16(b, version)
	b = e.common(b, size)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
	return append(append(b, e.name...), extra...)
}

// common is what local header and directory share: flags to the name's length.
func (e *entry) common(b []byte, size uint32) []byte {
	for _, v := range []uint16{flagUTF8, 0, 0, dosDate} { // flags, method, time, date
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	for _, v := range []uint32{e.crc, size, size} { // nothing is compressed
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint16(b, uint16(len(e.name)))
}

// directory is the entry of the central directory.
func (e *entry) directory() []byte {
	size, offset := uint32(min(e.size, large)), uint32(min(e.offset, large))
	var values []uint64
	if e.size >= large {
		values = append(values, uint64(e.size), uint64(e.size))
	}
	if e.offset >= large {
		values = append(values, uint64(e.offset))
	}
	extra := extra64(values...)
	b := binary.LittleEndian.AppendUint32(nil, sigDirectory)
	b = binary.LittleEndian.AppendUint16(b, madeBy|e.version())
	b = binary.LittleEndian.AppendUint16(b, e.version())
	b = e.common(b, size)
	for _, v := range []uint16{uint16(len(extra)), 0, 0, 0} { // extra, comment, disk, internal attributes
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, unixMode)
	b = binary.LittleEndian.AppendUint32(b, offset)
	return append(append(b, e.name...), extra...)
}

// extra64 is the extra field 0x0001 of large files; nothing without values.
func extra64(values ...uint64) []byte {
	if len(values) == 0 {
		return nil
	}
	b := binary.LittleEndian.AppendUint16(nil, 1)
	b = binary.LittleEndian.AppendUint16(b, uint16(8*len(values)))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// ending is what follows the central directory, which begins at offset at and
// is size bytes long.
func ending(count int, at, size int64) []byte {
	var b []byte
	if at >= large || size >= large || count >= math.MaxUint16 {
		b = binary.LittleEndian.AppendUint32(b, sigEnd64)
		b = binary.LittleEndian.AppendUint64(b, lenEnd64-12)
		b = binary.LittleEndian.AppendUint16(b, madeBy|versionLarge)
		b = binary.LittleEndian.AppendUint16(b, versionLarge)
		b = binary.LittleEndian.AppendUint64(b, 0) // both disks
		for _, v := range []int64{int64(count), int64(count), size, at} {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		b = binary.LittleEndian.AppendUint32(b, sigLocator64)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(at+size))
		b = binary.LittleEndian.AppendUint32(b, 1)
	}
	n := uint16(min(count, math.MaxUint16))
	b = binary.LittleEndian.AppendUint32(b, sigEnd)
	b = binary.LittleEndian.AppendUint32(b, 0) // both disks
	b = binary.LittleEndian.AppendUint16(b, n)
	b = binary.LittleEndian.AppendUint16(b, n)
	b = binary.LittleEndian.AppendUint32(b, uint32(min(size, large)))
	b = binary.LittleEndian.AppendUint32(b, uint32(min(at, large)))
	return binary.LittleEndian.AppendUint16(b, 0) // no comment
}

package adbd

import (
	"errors"
	"io/fs"
	"strings"
)

// shellUID is who runs adb's shell on Android.
const shellUID = 2000

// unixMode spells a mode as struct stat has it.
func unixMode(m fs.FileMode) uint32 {
	kind := uint32(0o100000)
	switch {
	case m.IsDir():
		kind = 0o040000
	case m&fs.ModeSymlink != 0:
		kind = 0o120000
	case m&fs.ModeCharDevice != 0:
		kind = 0o020000
	}
	return kind | uint32(m.Perm())
}

// errno numbers an error as adb's wire does, which is as Linux does.
func errno(err error) uint32 {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 2
	case errors.Is(err, fs.ErrPermission):
		return 13
	case errors.Is(err, fs.ErrExist):
		return 17
	}
	return 5
}

// reason says an error as strerror does.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "No such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "Permission denied"
	case errors.Is(err, errIsFolder):
		return "Is a directory"
	case errors.Is(err, errNotEmpty):
		return "Directory not empty"
	case errors.Is(err, fs.ErrExist):
		return "File exists"
	}
	return strings.TrimSpace(err.Error())
}

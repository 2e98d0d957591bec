package adbd

import (
	"io"
	"io/fs"
)

// Files are the device's files, by absolute path with slashes. Errors are
// [fs.ErrNotExist], [fs.ErrPermission] and their like; methods may be called
// from several goroutines.
type Files interface {
	// Stat says what is at a path.
	Stat(path string) (fs.FileInfo, error)
	// ReadDir lists a folder by name.
	ReadDir(path string) ([]fs.DirEntry, error)
	// Open reads a file.
	Open(path string) (io.ReadCloser, error)
	// Create makes a file and the folders above it; what was there is replaced.
	Create(path string, perm fs.FileMode) (io.WriteCloser, error)
	// Remove deletes a file or an empty folder.
	Remove(path string) error
}

package adbd

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path"

	"mvdan.cc/sh/v3/interp"
)

// absolute reads a path as the shell does that the context tells of.
func absolute(ctx context.Context, name string) string {
	name = decodeRaw(name)
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(interp.HandlerCtx(ctx).Dir, name)
}

// open serves the shell's redirections.
func (sh *shell) open(ctx context.Context, name string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	name = absolute(ctx, name)
	if name == "/dev/null" {
		return &redirection{Reader: bytes.NewReader(nil), Writer: io.Discard}, nil
	}
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		f, err := sh.files.Open(name)
		if err != nil {
			return nil, pathError("open", name, err)
		}
		return &redirection{Reader: f, closers: []io.Closer{f}}, nil
	}
	var before []byte
	if flag&os.O_APPEND != 0 {
		if f, err := sh.files.Open(name); err == nil {
			before, err = io.ReadAll(f)
			f.Close()
			if err != nil {
				return nil, pathError("open", name, err)
			}
		}
	}
	f, err := sh.files.Create(name, perm)
	if err != nil {
		return nil, pathError("create", name, err)
	}
	if _, err := f.Write(before); err != nil {
		return nil, pathError("write", name, err)
	}
	return &redirection{Reader: bytes.NewReader(nil), Writer: f, closers: []io.Closer{f}}, nil
}

// pathError is the kind of error that the shell prints and goes on after.
func pathError(op, name string, err error) error {
	return &os.PathError{Op: op, Path: name, Err: &worded{reason(err), err}}
}

// worded says an error as the C library would.
type worded struct {
	text  string
	cause error
}

func (e *worded) Error() string { return e.text }
func (e *worded) Unwrap() error { return e.cause }

// redirection is an open file of the shell.
type redirection struct {
	io.Reader
	io.Writer
	closers []io.Closer
}

func (r *redirection) Close() error {
	for _, c := range r.closers {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shell) stat(ctx context.Context, name string, _ bool) (fs.FileInfo, error) {
	info, err := sh.files.Stat(absolute(ctx, name))
	if err != nil {
		return nil, err
	}
	return ownedStat{info}, nil
}

// ownedStat is a file that belongs to the shell's user.
type ownedStat struct{ fs.FileInfo }

func (ownedStat) Sys() any { return owner() }

func (sh *shell) access(ctx context.Context, name string, _ interp.AccessMode) error {
	_, err := sh.files.Stat(absolute(ctx, name))
	return err
}

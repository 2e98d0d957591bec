package rig

import (
	"errors"
	"fmt"
)

// ErrNotRecording is what errors.Is finds where a path holds neither a
// recording nor a capture.
var ErrNotRecording = errors.New("not a recording")

// ErrStale is what errors.Is finds where a recording lacks the window that was
// asked of it: it was made for another plan and has to be made again.
var ErrStale = errors.New("stale recording")

// ErrChanged is what errors.Is finds where a recording is not as it was made:
// a *ChainError or a *DigestError.
var ErrChanged = errors.New("changed recording")

// FileError says which file of a recording cannot be understood, and where.
type FileError struct {
	File string // base name
	Line int    // 1-based; 0 where the whole file is meant
	Err  error
}

func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.File, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// ChainError says where the hash chain of a journal breaks: a line was
// changed, added or taken away after it was written.
type ChainError struct {
	File string
	Line int // 1-based: the first line that does not follow from those before
	What string
}

func (e *ChainError) Error() string {
	return fmt.Sprintf("%s:%d: hash chain broken: %s; the journal was changed after it was written, judge an untouched copy", e.File, e.Line, e.What)
}

// Is makes errors.Is find ErrChanged.
func (*ChainError) Is(target error) bool { return target == ErrChanged }

// DigestError says that a capture is not what the journal says was recorded.
type DigestError struct {
	File       string // base name
	Want, Have string // SHA-256, lower-case hex; Have is empty where the file is gone
}

func (e *DigestError) Error() string {
	if e.Have == "" {
		return fmt.Sprintf("%s is missing, and the journal says that it was recorded; judge a whole copy", e.File)
	}
	return fmt.Sprintf("%s has SHA-256 %s, and was recorded with %s; it was changed since, judge an untouched copy", e.File, e.Have, e.Want)
}

// Is makes errors.Is find ErrChanged.
func (*DigestError) Is(target error) bool { return target == ErrChanged }

package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/fact"
	"github.com/spanrig/spanrig/captures/pcapfile"
	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/drift"
	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/replay"
)

// source is a recording that is compared: a folder, a bare capture, or what a
// bundle holds.
type source struct {
	path   string
	rec    *rig.Recording
	bundle *evidence.Bundle // nil where it is none
	sealed replay.Options   // by what a bundle was judged
	bytes  int64
	fault  error // of a file of the bundle that was read to its end: a reader of captures tells no errors of Close
}

// openSource opens a recording or a bundle. Close it.
func openSource(path string) (*source, error) {
	s := &source{path: path, bytes: fileSize(path)}
	if !isBundle(path) {
		var err error
		if s.rec, err = rig.Open(path); err != nil {
			return nil, judgeError(err)
		}
		return s, nil
	}
	b, err := evidence.Open(path)
	if err != nil {
		return nil, sourceError(path, err)
	}
	s.bundle = b
	if err := s.read(); err != nil {
		_ = b.Close()
		return nil, sourceError(path, err)
	}
	return s, nil
}

// isBundle tells a bundle from a recording: a folder with a manifest, or a zip.
func isBundle(path string) bool {
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		_, err := os.Stat(filepath.Join(path, evidence.ManifestName))
		return err == nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [4]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && string(head[:]) == "PK\x03\x04"
}

// notBundle says what to do with a bundle where a recording is wanted; err is
// why it could not be read as one.
func notBundle(path string, err error) error {
	if errors.Is(err, rig.ErrChanged) || misused(err) || !isBundle(path) {
		return err
	}
	return fmt.Errorf("%s is no recording but an evidence bundle: spanrig evidence verify judges what is in it again, report makes its page, diff compares it",
		filepath.Base(filepath.Clean(path)))
}

// sourceError gives an error of a bundle its exit code and its name.
func sourceError(path string, err error) error {
	var changed *evidence.Difference
	if errors.As(err, &changed) || errors.Is(err, rig.ErrChanged) {
		return &exit{exitRig, fmt.Errorf("%s: %w; run spanrig evidence verify on it", filepath.Base(filepath.Clean(path)), err)}
	}
	return judgeError(err)
}

func (s *source) Close() error {
	if s.bundle == nil {
		return nil
	}
	return s.bundle.Close()
}

// read reads what a bundle says beside the traffic. Only files that are as they
// were sealed are believed.
func (s *source) read() (err error) {
	recording := s.bundle.RecordingFile("")
	for _, f := range s.bundle.Manifest().Files {
		if s.captures()[f.Name] || strings.HasPrefix(f.Name, recording+"screens/") || f.Name == evidence.FlowsName {
			continue
		}
		in, err := s.opener(f)()
		if err != nil {
			return err
		}
		if err := in.Close(); err != nil {
			return err
		}
	}
	if s.rec, err = s.bundle.Recording(); err != nil {
		return err
	}
	s.sealed, err = s.bundle.Options()
	return err
}

// captures are the names of a bundle's captures.
func (s *source) captures() map[string]bool {
	names := map[string]bool{}
	for _, f := range s.bundle.Manifest().Files {
		names[f.Name] = len(f.Leaves) > 0
	}
	return names
}

// facts reads the traffic.
func (s *source) facts(ctx context.Context, run replay.Options) (*fact.Set, error) {
	src, err := s.traffic()
	if err != nil {
		return nil, err
	}
	set, err := replay.From(ctx, s.rec, src, run)
	return set, errors.Join(err, src.Close(), s.fault)
}

// traffic opens the captures.
func (s *source) traffic() (interface {
	captures.Source
	io.Closer
}, error) {
	if s.bundle == nil {
		return pcapfile.OpenAll(s.rec.Captures)
	}
	var files []pcapfile.Opener
	for _, name := range s.rec.Files {
		for _, f := range s.bundle.Manifest().Files {
			if f.Name == s.bundle.RecordingFile(name) {
				files = append(files, pcapfile.Opener{Name: name, Open: s.opener(f)})
			}
		}
	}
	return pcapfile.OpenEach(files)
}

// opener opens a file of a bundle. Closing it reads it to its end and says
// where it is not as it was sealed.
func (s *source) opener(f evidence.File) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		in, err := s.bundle.OpenFile(f.Name)
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		read := io.TeeReader(in, sum)
		return &checked{read, func() error {
			_, err := io.Copy(io.Discard, read)
			if err = errors.Join(err, in.Close()); err == nil && hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
				err = &evidence.Difference{File: f.Name, What: "it was changed after it was sealed"}
			}
			s.fault = errors.Join(s.fault, err)
			return err
		}}, nil
	}
}

// checked is a reader whose Close tells what was read.
type checked struct {
	io.Reader
	close func() error
}

func (c *checked) Close() error { return c.close() }

// side judges and surveys a source. required are the claims that it must judge.
func (s *source) side(ctx context.Context, run replay.Options) (*drift.Side, error) {
	set, err := s.facts(ctx, run)
	if err != nil {
		return nil, sourceError(s.path, err)
	}
	report, err := policy.Evaluate(run.Policy, s.rec, set, run.Judge)
	if err != nil {
		return nil, sourceError(s.path, err)
	}
	survey, err := policy.Look(run.Policy, s.rec, set, run.Judge)
	if err != nil {
		return nil, sourceError(s.path, err)
	}
	side := &drift.Side{Inventory: s.rec.Inventory, Report: report, Survey: survey}
	if s.bundle != nil {
		p := s.sealed.Policy
		side.Sealed = &policy.FileRef{Name: p.Name, SHA256: p.SHA256}
	}
	return side, nil
}

package rig

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// maxText bounds what is read of inventory.json, windows.json and
// journal.jsonl, bytes: some hundred thousand lines.
const maxText = 128 << 20

// readCapped reads a regular file of at most maxText bytes.
func readCapped(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !stat.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	b, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if len(b) > maxText {
		return nil, fmt.Errorf("it is larger than %d MiB", maxText>>20)
	}
	return b, err
}

// captureName is one capture of a recording; the number is that of a series.
var captureName = regexp.MustCompile(`^capture(?:-([0-9]{4,9}))?\.pcap(?:ng)?(?:\.gz|\.zst)?$`)

// captureFiles lists the captures of a folder in their order: one alone, or a
// series that counts from 1 without a gap.
func captureFiles(dir fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	var alone []string
	series := map[int][]string{}
	for _, e := range entries {
		m := captureName.FindStringSubmatch(e.Name())
		switch {
		case m == nil:
		case m[1] == "":
			alone = append(alone, e.Name())
		default:
			n, _ := strconv.Atoi(m[1]) // at most nine digits
			series[n] = append(series[n], e.Name())
		}
	}
	if len(alone)+len(series) == 0 {
		return nil, fmt.Errorf("%w: it has no capture.pcapng or capture-0001.pcapng", ErrNotRecording)
	}
	if len(series) == 0 && len(alone) == 1 {
		return alone, nil
	}
	if len(alone) > 0 {
		return nil, fmt.Errorf("it has %s beside other captures; keep either one capture or a numbered series", alone[0])
	}
	list := make([]string, 0, len(series))
	for n := 1; n <= len(series); n++ {
		if len(series[n]) != 1 {
			return nil, fmt.Errorf("its series of captures has %d files with number %04d, expected one", len(series[n]), n)
		}
		list = append(list, series[n][0])
	}
	return list, nil
}

// fileSum is the SHA-256 of a file, lower-case hex.
func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// folderSums returns the digest of each file of a folder that counts for Sum,
// by its name there. Those that are known are not read.
func folderSums(dir string, known map[string]string) (map[string]string, error) {
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if sum, ok := known[name]; ok {
			sums[name] = sum
			return nil
		}
		sums[name], err = fileSum(path)
		return err
	})
	return sums, err
}

// Sum is the digest of a folder, see Open: sums holds the SHA-256 of each file
// in it, lower-case hex, by its name there.
func Sum(sums map[string]string) string {
	lines := make([]string, 0, len(sums))
	for name, sum := range sums {
		lines = append(lines, name+" "+sum+"\n")
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, l := range lines {
		_, _ = io.WriteString(h, l) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

package manual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// photoMax bounds a photo; a phone's are a tenth of it.
const photoMax = 64 << 20

var photoTypes = []string{".jpg", ".jpeg", ".png", ".heic", ".webp"}

// photo asks for a photo and copies it to the evidence. None is an answer.
func (c *Controller) photo(ctx context.Context, stem string) ([]string, error) {
	c.mu.Lock()
	recording, folder := c.recording, c.folder
	c.mu.Unlock()
	if recording == "" {
		return nil, nil
	}
	for {
		photo, err := c.operator.text(ctx, "Path of a photo of the screen (Enter: none)", "")
		if err != nil || photo == "" {
			return nil, err
		}
		c.photos++
		name := fmt.Sprintf("%s-%03d%s", stem, c.photos, strings.ToLower(filepath.Ext(photo)))
		if err = copyPhoto(filepath.Join(recording, folder, name), photo); err == nil {
			return []string{path.Join(filepath.ToSlash(folder), name)}, nil
		}
		c.operator.say("that photo cannot be taken: %v", err)
	}
}

// copyPhoto makes a file that was not there before and that others cannot read.
func copyPhoto(to, from string) error {
	if !slices.Contains(photoTypes, strings.ToLower(filepath.Ext(from))) {
		return fmt.Errorf("%s is no photo; its name should end in one of %s", filepath.Base(from), strings.Join(photoTypes, " "))
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > photoMax {
		return fmt.Errorf("%s is no file of 1 byte to %d MiB", filepath.Base(from), photoMax>>20)
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, io.LimitReader(src, photoMax))
	return errors.Join(err, dst.Close())
}

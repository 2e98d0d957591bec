package manual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// photoMax bounds a photo; a phone's are a tenth of it.
const photoMax = 64 << 20

var photoTypes = []string{".jpg", ".jpeg", ".png", ".heic", ".webp"}

// Photograph implements [drivers.Photographer]: it asks for a photo of the
// screen and copies it. None is an answer.
func (c *Controller) Photograph(ctx context.Context, dir, stem string) ([]string, error) {
	if err := take(ctx, c.hands); err != nil {
		return nil, err
	}
	defer c.end()
	for {
		photo, err := c.operator.text(ctx, "Path of a photo of the screen (Enter: none)", "")
		if err != nil || photo == "" {
			return nil, err
		}
		name := stem + strings.ToLower(filepath.Ext(photo))
		if err = copyPhoto(filepath.Join(dir, name), photo); err == nil {
			return []string{name}, nil
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

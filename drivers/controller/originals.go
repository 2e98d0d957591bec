package controller

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// originalsFile keeps on the device what its settings were, from before the
// first is changed until all are put back: a run that was killed is put back by
// the next, from whatever host. It holds no secret.
const originalsFile = "/data/local/tmp/spanrig-originals.json"

// Bounds of that file and of a value in it, in bytes.
const (
	originalsMax = 4 << 10
	valueMax     = 256
)

type originals struct {
	Schema   int        `json:"schema"` // 1
	Settings []original `json:"settings"`
}

type original struct {
	Space string  `json:"space"`
	Key   string  `json:"key"`
	To    string  `json:"to"`   // what the run set
	From  *string `json:"from"` // what it was; null: it was not set
}

// parseOriginals reads the file. It takes no setting but those that a run
// changes, for anybody with a shell on the device may have written it.
func parseOriginals(content []byte) ([]change, error) {
	if len(content) > originalsMax {
		return nil, errTooLong
	}
	var file originals
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("it is no JSON of the kind: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its end")
	}
	switch {
	case file.Schema != 1:
		return nil, fmt.Errorf("schema %d is not known", file.Schema)
	case len(file.Settings) == 0:
		return nil, errors.New("it names no setting")
	}
	var list []change
	for _, o := range file.Settings {
		c, err := o.change()
		if err == nil && slices.ContainsFunc(list, c.same) {
			err = fmt.Errorf("%s stands there twice", c.what)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

var errTooLong = fmt.Errorf("it is longer than %d bytes", originalsMax)

// change is the original as a change of the earlier run.
func (o *original) change() (change, error) {
	i := slices.IndexFunc(wanted, func(w change) bool { return w.space == o.Space && w.key == o.Key })
	if i < 0 {
		return change{}, fmt.Errorf("no run changes a setting %.60q of %.20q", o.Key, o.Space)
	}
	c := wanted[i]
	c.to, c.earlier = o.To, true
	if o.From != nil {
		c.from, c.set = *o.From, true
	}
	for _, v := range []string{c.from, c.to} {
		if len(v) > valueMax || strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return change{}, fmt.Errorf("%s has a value that is none", c.what)
		}
	}
	return c, nil
}

// formatOriginals is the file for a list of changes.
func formatOriginals(list []change) []byte {
	file := originals{Schema: 1}
	for _, c := range list {
		o := original{Space: c.space, Key: c.key, To: c.to}
		if c.set {
			o.From = &c.from
		}
		file.Settings = append(file.Settings, o)
	}
	b, _ := json.Marshal(file) // texts and a number
	return append(b, '\n')
}

// recall reads what an earlier run left on the device; nothing where it put all
// back. ok is false where the file is left alone, for it cannot be trusted; the
// journal says so.
func (c *Controller) recall(ctx context.Context) (list []change, ok bool, err error) {
	var content limited
	short, cancel := context.WithTimeout(ctx, recallTime) // what is there may be no file
	defer cancel()
	err = c.config.Bridge.Pull(short, originalsFile, &content)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, true, nil
	case err != nil && hopeless(ctx, err):
		return nil, false, err
	case err == nil:
		list, err = parseOriginals(content.b)
	}
	if err != nil {
		c.notice("the device has a file %s, which is left alone, for it cannot be read: %v; should an earlier run have been cut short, its settings are not put back: look at them, then adb shell rm %s", originalsFile, err, originalsFile)
		return nil, false, nil
	}
	return list, true, nil
}

// rejoin switches Wi-Fi on where the device has no address and a run before was
// cut short, which may have been between two steps that switch it off and on.
func (h *hand) rejoin(ctx context.Context) error {
	if list, err := h.addresses(ctx); err != nil || len(list) > 0 {
		return nil // what is wrong is told by who waits for an address
	}
	left, _, err := h.recall(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	h.notice("an earlier run on this device was cut short, and %s has no address: Wi-Fi is switched on", h.config.Captured)
	err = android.Svc(ctx, h.config.Bridge, "wifi", "enable")
	if err != nil && hopeless(ctx, err) {
		return err
	}
	return nil
}

// recallTime is plenty for a small file.
const recallTime = 15 * time.Second

// limited keeps what is written, up to the length of the file.
type limited struct{ b []byte }

func (l *limited) Write(p []byte) (int, error) {
	if len(l.b)+len(p) > originalsMax {
		return 0, errTooLong
	}
	l.b = append(l.b, p...)
	return len(p), nil
}

// keep writes the file, whole or not at all. Where the device refuses, the
// journal says what follows.
func (c *Controller) keep(ctx context.Context, list []change) error {
	const whole = originalsFile + ".new"
	content := formatOriginals(list)
	_, err := parseOriginals(content) // a value may be one that the next run would not take
	if err == nil {
		err = c.config.Bridge.Push(ctx, whole, 0o644, bytes.NewReader(content))
	}
	if err == nil {
		_, err = c.run(ctx, "mv", "-f", whole, originalsFile)
	}
	if err != nil && hopeless(ctx, err) {
		return err
	}
	if err != nil {
		c.notice("what the device's settings were cannot be kept on it, and should this run be killed, they stay changed: %v", err)
		return nil
	}
	c.setKept(true)
	return nil
}

// discard removes the file where it is there by this run's doing, or its to
// remove.
func (c *Controller) discard(ctx context.Context) error {
	c.mu.Lock()
	kept := c.kept
	c.mu.Unlock()
	if !kept {
		return nil
	}
	if _, err := c.run(ctx, "rm", "-f", originalsFile); err != nil {
		return fmt.Errorf("all is put back, but %s is still on the device; remove it: %w", originalsFile, err)
	}
	c.setKept(false)
	return nil
}

func (c *Controller) setKept(kept bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = kept
}

// notice tells a person, through the journal and whoever shows it.
func (c *Controller) notice(format string, args ...any) {
	c.note("notice", map[string]any{"text": oneLine(fmt.Sprintf(format, args...))})
}

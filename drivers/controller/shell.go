package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// run runs a program of the device that has to succeed, and returns what it
// printed.
func (c *Controller) run(ctx context.Context, argv ...string) (string, error) {
	out, err := c.config.Bridge.Run(ctx, argv...)
	if err != nil {
		return "", fmt.Errorf("%s: %w", argv[0], err)
	}
	if out.Code != 0 {
		return "", c.complaint(argv, out)
	}
	return strings.TrimSpace(string(out.Stdout)), nil
}

// complaint says how a program failed, by its name and its own words.
func (c *Controller) complaint(argv []string, out drivers.Output) error {
	words := oneLine(string(out.Stderr))
	if words == "" {
		words = oneLine(string(out.Stdout))
	}
	if len(words) > 200 {
		words = words[:200] + "..."
	}
	return fmt.Errorf("%s: exit code %d: %s", strings.Join(argv[:min(2, len(argv))], " "), out.Code, words)
}

// veil is a secret in messages.
const veil = "[secret]"

// secret remembers a text that nobody may read.
func (c *Controller) secret(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text != "" && !slices.Contains(c.secrets, text) {
		c.secrets = append(c.secrets, text)
		// of two, one of which is part of the other, the longer is veiled first
		slices.SortFunc(c.secrets, func(a, b string) int { return len(b) - len(a) })
	}
}

// scrub takes secrets out of a text.
func (c *Controller) scrub(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.secrets {
		text = strings.ReplaceAll(text, s, veil)
	}
	return text
}

// scrubbed is an error whose text has no secrets.
type scrubbed struct {
	text string
	err  error
}

func (e *scrubbed) Error() string { return e.text }
func (e *scrubbed) Unwrap() error { return e.err }

// clean takes secrets out of an error's text.
func (c *Controller) clean(err error) error {
	if err == nil {
		return nil
	}
	if text := c.scrub(err.Error()); text != err.Error() {
		return &scrubbed{text, err}
	}
	return err
}

// note tells the journal, without secrets.
func (c *Controller) note(kind string, keys map[string]any) {
	for key, value := range keys {
		if text, ok := value.(string); ok {
			keys[key] = c.scrub(text)
		}
	}
	c.config.Note(kind, keys)
}

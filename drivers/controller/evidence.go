package controller

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spanrig/spanrig/drivers/adb/android"
)

// Photograph implements [drivers.Photographer]: STEM.png and STEM.xml, which
// others cannot read. What was typed in secret is taken out of the hierarchy;
// the picture is as it is.
func (c *Controller) Photograph(ctx context.Context, dir, stem string) ([]string, error) {
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	defer c.leave()
	return c.hand("photograph").photograph(ctx, dir, stem)
}

func (h *hand) photograph(ctx context.Context, dir, stem string) ([]string, error) {
	var names []string
	put := func(name string, content []byte) error {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
		names = append(names, name)
		return nil
	}
	picture, err := android.Screenshot(ctx, h.config.Bridge)
	if err != nil {
		return nil, err
	}
	if err := put(stem+".png", picture); err != nil {
		return names, err
	}
	screen, text, err := android.Dump(ctx, h.config.Bridge)
	if err != nil {
		return names, err
	}
	h.shown = tree(screen)
	return names, put(stem+".xml", []byte(h.scrubXML(string(text))))
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// scrubXML takes secrets out, as XML writes them too.
func (c *Controller) scrubXML(text string) string {
	text = c.scrub(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.secrets {
		text = strings.ReplaceAll(text, escape.Replace(s), veil)
	}
	return text
}

// Survey saves the screen as Photograph does, and lists what is on it as
// selectors, one a line, for whoever writes a script. It asks no more of the
// device than to show its screen.
func (c *Controller) Survey(ctx context.Context, dir, stem string) (selectors []string, files []string, err error) {
	if err := c.take(ctx); err != nil {
		return nil, nil, err
	}
	defer c.leave()
	h := c.hand("survey")
	if files, err = h.photograph(ctx, dir, stem); err != nil {
		return nil, files, err
	}
	h.shown.walk(func(n *node) {
		if line := n.selector(); line != "" {
			selectors = append(selectors, c.scrub(line))
		}
	})
	return selectors, files, nil
}

// selector writes the node as YAML; empty where there is nothing to find it by.
func (n *node) selector() string {
	var keys []string
	if n.ResourceID != "" {
		keys = append(keys, fmt.Sprintf("id: %q", n.ResourceID))
	}
	var texts []string
	for _, t := range []string{n.Text, n.Description} {
		if t = oneLine(t); t != "" && !n.Password {
			texts = append(texts, fmt.Sprintf("%q", t))
		}
	}
	if len(texts) > 0 {
		keys = append(keys, "text: ["+strings.Join(texts, ", ")+"]")
	}
	if n.Password {
		keys = append(keys, "password: true")
	}
	active := n.Clickable || n.Checkable || n.Scrollable
	if n.Bounds.Empty() || len(keys) == 0 || len(texts) == 0 && !active {
		return ""
	}
	if n.Checkable {
		keys = append(keys, fmt.Sprintf("checked: %t", n.Checked))
	}
	if n.Clickable {
		keys = append(keys, "clickable: true")
	}
	return "{" + strings.Join(keys, ", ") + "}"
}

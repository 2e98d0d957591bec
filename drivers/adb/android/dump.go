package android

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

const (
	dumpFile  = "/data/local/tmp/spanrig-window.xml"
	dumpTries = 4
	dumpPause = 500 * time.Millisecond
)

// Dump reads what is on the screen: the tree, and its file for the evidence,
// in which the texts of password fields are blank.
//
// uiautomator fails now and then: while the screen moves it finds no idle
// state, and between two screens no root, or it crashes. It may say so with
// exit code 0, and leave an older file in place. So the file is deleted first,
// the word of success is demanded, and four tries are made.
func Dump(ctx context.Context, b drivers.Bridge) (*Hierarchy, []byte, error) {
	for i := 1; ; i++ {
		h, text, err := dumpOnce(ctx, b)
		if err == nil || errors.Is(err, drivers.ErrLost) || ctx.Err() != nil {
			return h, text, err
		}
		if i == dumpTries {
			return nil, nil, fmt.Errorf("%w (%d tries)", err, dumpTries)
		}
		select {
		case <-time.After(dumpPause):
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("uiautomator dump: %w; the last try: %w", context.Cause(ctx), err)
		}
	}
}

func dumpOnce(ctx context.Context, b drivers.Bridge) (*Hierarchy, []byte, error) {
	if _, err := run(ctx, b, "rm", "-f", dumpFile); err != nil {
		return nil, nil, err
	}
	argv := []string{"uiautomator", "dump", dumpFile}
	out, err := b.Run(ctx, argv...)
	if err != nil {
		return nil, nil, err
	}
	// "UI hierchary dumped to: FILE" is spelled so; newer versions may mend it.
	if out.Code != 0 || !bytes.Contains(out.Stdout, []byte("dumped to: "+dumpFile)) {
		return nil, nil, commandError(argv, out)
	}
	text, err := run(ctx, b, "cat", dumpFile)
	if err != nil {
		return nil, nil, err
	}
	if _, err := run(ctx, b, "rm", "-f", dumpFile); err != nil {
		return nil, nil, err
	}
	text = withoutPasswords(text)
	h, err := ParseHierarchy(text)
	if err != nil {
		return nil, nil, err
	}
	return h, text, nil
}

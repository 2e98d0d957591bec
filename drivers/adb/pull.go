package adb

import (
	"context"
	"fmt"
	"io"
)

// Pull implements [drivers.Bridge]. What w has got when there is an error is
// the beginning of the file at best. A file that is not there is fs.ErrNotExist.
func (d *Device) Pull(ctx context.Context, path string, w io.Writer) error {
	t, err := d.transfer(ctx, path)
	if err != nil {
		return err
	}
	defer t.Close()
	return t.receive(path, w)
}

// receive copies the chunks of a file until the device says that it is done.
func (t *transfer) receive(path string, w io.Writer) error {
	if err := t.ask(path); err != nil {
		return err
	}
	chunk := make([]byte, syncDataMax)
	for {
		id, n, err := t.head("pull " + path)
		switch {
		case err != nil:
			return err
		case id == "DONE":
			return nil
		case id != "DATA" || n > syncDataMax:
			return t.l.lost(fmt.Errorf("pull %s: %q of %d bytes is no chunk of a file", path, id, n))
		}
		if err := t.l.whole(t.r, chunk[:n]); err != nil {
			return err
		}
		if _, err := w.Write(chunk[:n]); err != nil {
			return fmt.Errorf("adb pull %s: %w", path, err)
		}
	}
}

// ask requests a file, in the newest way that the device has.
func (t *transfer) ask(path string) error {
	if !t.has("sendrecv_v2") {
		return t.request("RECV", path)
	}
	if err := t.request("RCV2", path); err != nil {
		return err
	}
	return t.setup("RCV2")
}

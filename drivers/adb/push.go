package adb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// Push implements [drivers.Bridge]. The folders above the file are made where
// they are missing. The file's size on the device is read back. After an error
// there may be a part of it.
func (d *Device) Push(ctx context.Context, path string, perm fs.FileMode, r io.Reader) error {
	t, err := d.transfer(ctx, path)
	if err != nil {
		return err
	}
	defer t.Close()
	sent, err := t.send(path, perm, r)
	if err != nil {
		return err
	}
	there, err := t.stat(path)
	if err != nil {
		return err
	}
	if there.Mode.IsRegular() && uint32(there.Size) != uint32(sent) { // old devices count modulo 4 GiB
		return fmt.Errorf("adb push %s: the device has %d bytes of %d; is its storage full?", path, there.Size, sent)
	}
	return nil
}

// send writes a file in chunks and waits for the device's word that it has them.
func (t *transfer) send(path string, perm fs.FileMode, r io.Reader) (sent int64, err error) {
	if err := t.announce(path, perm); err != nil {
		return 0, err
	}
	chunk := make([]byte, 8+syncDataMax)
	copy(chunk, "DATA")
	for {
		n, err := io.ReadFull(r, chunk[8:])
		over := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !over { // the device drops a part that is cut
			return sent, errors.Join(fmt.Errorf("adb push %s: %w", path, err), t.l.Close())
		}
		binary.LittleEndian.PutUint32(chunk[4:], uint32(n))
		if n > 0 {
			if _, err := t.l.Write(chunk[:8+n]); err != nil {
				return sent, t.verdict(path, err)
			}
		}
		sent += int64(n)
		if over {
			break
		}
	}
	done := binary.LittleEndian.AppendUint32([]byte("DONE"), uint32(time.Now().Unix()))
	if _, err := t.l.Write(done); err != nil {
		return sent, t.verdict(path, err)
	}
	return sent, t.verdict(path, nil)
}

// announce opens the file on the device, in the newest way that it has.
func (t *transfer) announce(path string, perm fs.FileMode) error {
	mode := uint32(0o100000) | uint32(perm.Perm())
	if !t.has("sendrecv_v2") {
		return t.request("SEND", fmt.Sprintf("%s,%d", path, mode))
	}
	if err := t.request("SND2", path); err != nil {
		return err
	}
	return t.setup("SND2", mode)
}

// verdict reads the device's word on the file. Where writing failed, the
// device may have said why before it closed the stream.
func (t *transfer) verdict(path string, failed error) error {
	id, _, err := t.head("push " + path)
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		return err
	case failed != nil:
		return failed
	case err != nil:
		return err
	case id != "OKAY":
		return t.l.lost(fmt.Errorf("push %s: the answer %q is not OKAY", path, id))
	}
	return nil
}

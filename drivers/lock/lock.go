package lock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"time"
	"unicode"

	"github.com/spanrig/spanrig/drivers"
)

// A Lock is exclusive use of devices, until Release or the end of the process.
type Lock struct{ held []*held }

// held is one locked file.
type held struct {
	folder *os.File // of the file
	file   *os.File
	name   string
}

// content is what a lock file says.
type content struct {
	Device string `json:"device"`
	drivers.Holder
}

// Take locks the devices with these identities, all or none, without waiting.
// The error is a *drivers.BusyError where one of them is held, by this process
// too.
func Take(reason string, identities ...string) (*Lock, error) {
	folder, err := openFolder(sharedFolder, ownFolder())
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return take(folder, reason, identities)
}

// Wait locks the devices as Take does, but waits for those that are held until
// ctx ends; the error then says who held one, and is a *drivers.BusyError still.
func Wait(ctx context.Context, reason string, identities ...string) (*Lock, error) {
	pause := 20 * time.Millisecond
	for {
		l, err := Take(reason, identities...)
		if _, busy := errors.AsType[*drivers.BusyError](err); !busy {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second/2)
	}
}

// Release gives the devices free. Releasing again does nothing.
func (l *Lock) Release() error {
	var errs []error
	for _, h := range slices.Backward(l.held) {
		errs = append(errs, h.release())
	}
	l.held = nil
	return errors.Join(errs...)
}

func take(folder *os.File, reason string, identities []string) (*Lock, error) {
	ids := slices.Clone(identities)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 || ids[0] == "" {
		return nil, errors.New("lock: say which device")
	}
	l := new(Lock)
	for _, id := range ids {
		h, err := hold(folder, content{id, holder(reason)})
		if err != nil {
			return nil, errors.Join(err, l.Release())
		}
		l.held = append(l.held, h)
	}
	return l, nil
}

// holder describes this process.
func holder(reason string) drivers.Holder {
	who := fmt.Sprintf("user %d", os.Getuid())
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		who += "@" + host
	}
	return drivers.Holder{Who: who, PID: os.Getpid(), Reason: reason, Since: time.Now()}
}

// fileName names the file of an identity, which may hold any character.
func fileName(identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return hex.EncodeToString(sum[:16]) + ".lock"
}

// most bytes of a lock file, and characters of a word in it, that are shown.
const (
	contentMax = 4 << 10
	wordMax    = 200
)

// refusal reads who holds a lock. The holder may be about to write it.
func refusal(file io.ReaderAt, device string) error {
	for range 10 {
		b, _ := io.ReadAll(io.NewSectionReader(file, 0, contentMax)) // what cannot be read names nobody
		var c content
		if json.Unmarshal(b, &c) == nil && c.PID > 0 {
			c.Who, c.Reason = plain(c.Who), plain(c.Reason)
			return &drivers.BusyError{Device: device, Holder: c.Holder}
		}
		time.Sleep(moment)
	}
	return &drivers.BusyError{Device: device}
}

// moment is what another process may take between two steps of its own.
const moment = 5 * time.Millisecond

// plain makes a word that another user wrote fit for a terminal.
func plain(text string) string {
	runes := []rune(text)
	if len(runes) > wordMax {
		runes = append(runes[:wordMax], []rune("...")...)
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '?'
		}
	}
	return string(runes)
}

// sharedFolder is that of all users of the host.
const sharedFolder = "/run/lock/spanrig"

// ownFolder is the user's. It does not depend on how somebody logged in.
func ownFolder() string { return fmt.Sprintf("/tmp/spanrig-%d", os.Geteuid()) }

// Shared is nil where locks hold between all users of the host. Else they hold
// between processes of this user alone, and the error says why.
func Shared() error {
	f, err := openShared(sharedFolder)
	if err != nil {
		return err
	}
	return f.Close()
}

// openFolder opens the folder of locks: the shared one, else the user's own.
func openFolder(shared, own string) (*os.File, error) {
	f, err := openShared(shared)
	if err == nil {
		return f, nil
	}
	f, failed := openPrivate(own)
	if failed != nil {
		return nil, fmt.Errorf("no folder for locks: %w", errors.Join(err, failed))
	}
	return f, nil
}

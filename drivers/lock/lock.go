package lock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

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
	folder, err := openFolder(folders())
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

// refusal reads who holds a lock. The holder may be about to write it.
func refusal(path, device string) error {
	for range 10 {
		if b, err := os.ReadFile(path); err == nil {
			var c content
			if json.Unmarshal(b, &c) == nil && c.PID != 0 {
				return &drivers.BusyError{Device: device, Holder: c.Holder}
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return &drivers.BusyError{Device: device}
}

// folders lists where locks may be, best first.
func folders() []string {
	list := []string{"/run/lock/spanrig"}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); strings.HasPrefix(dir, "/") {
		list = append(list, dir+"/spanrig")
	}
	return append(list, fmt.Sprintf("%s/spanrig-%d", strings.TrimRight(os.TempDir(), "/"), os.Getuid()))
}

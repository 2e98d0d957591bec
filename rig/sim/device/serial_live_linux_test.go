//go:build live

package device

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/duml"
	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// trigger is in local data mode, soon.
func trigger() pilot.Trigger {
	return pilot.Trigger{On: pilot.Enter, In: drivers.LocalData, Quiet: time.Second}
}

// serial checks that the serial port is there and answers, or is not there.
func (s *simulated) serial(t *testing.T, there bool) {
	t.Helper()
	name := filepath.Join(s.dir, "duml")
	for range 100 {
		if _, err := os.Lstat(name); (err == nil) == there {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := os.Lstat(name); !there {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the serial port is still there: %v", err)
		}
		return
	}
	version, err := inquire(name)
	if err != nil || version.Hardware != dumlVersion.Hardware {
		t.Errorf("the serial port answers %+v, %v", version, err)
	}
}

// inquire asks a DUML port for its version, with nothing of the rig's driver
// but the frames.
func inquire(name string) (duml.Version, error) {
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return duml.Version{}, err
	}
	port := os.NewFile(uintptr(fd), name)
	defer port.Close()
	ask, err := duml.Frame{Version: 1, From: duml.At(duml.PC, 1), To: duml.At(duml.Radio, 0), Seq: 7, Set: duml.SetGeneral, ID: 1}.Append(nil)
	if err != nil {
		return duml.Version{}, err
	}
	if _, err := port.Write(ask); err != nil {
		return duml.Version{}, err
	}
	if err := port.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return duml.Version{}, err
	}
	var d duml.Decoder
	b := make([]byte, 256)
	for {
		n, err := port.Read(b)
		if err != nil {
			return duml.Version{}, err
		}
		var answer []byte
		d.Feed(b[:n], func(f duml.Frame) { answer = f.Payload })
		if answer != nil {
			return duml.ParseVersion(answer)
		}
	}
}

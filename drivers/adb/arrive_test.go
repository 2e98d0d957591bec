package adb_test

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/drivertest"
)

// notices are the reasons of waiting that a journal would have.
type notices struct {
	mu   sync.Mutex
	list []string
}

func (n *notices) note(kind string, keys map[string]any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if kind == "waiting" {
		n.list = append(n.list, keys["device"].(string)+": "+keys["reason"].(string))
	}
}

// TestArriveInVain: what is not there is waited for as long as it was said, the
// journal tells what for, and the error has the reason of the last try.
func TestArriveInVain(t *testing.T) {
	server := drivertest.NewAdbServer(t)
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts, so nobody introduces himself
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deaf.Close() })
	const within = 3 * time.Second
	for name, one := range map[string]struct {
		server *adb.Server
		serial string
		reason string
	}{
		"no device":  {server.Server, "NOSUCH", "the adb server does not see it"},
		"no address": {server.Server, "127.0.0.1:1", "failed to connect"},
		"no answer":  {server.Server, deaf.Addr().String(), "has not answered about it yet"},
		"no server":  {&adb.Server{Addr: "127.0.0.1:1", Given: true}, "NOSUCH", "no adb server at 127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told notices
			d, err := adb.New(adb.Config{Server: one.server, Serial: one.serial, Note: told.note})
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			err = d.Arrive(t.Context(), within)
			if took := time.Since(begin); !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "not there within 3s") ||
				!strings.Contains(err.Error(), one.reason) || took < within || took > 2*within {
				t.Errorf("%v after %v, want %q", err, took, one.reason)
			}
			if len(told.list) != 1 || !strings.HasPrefix(told.list[0], "adb "+one.serial+": ") || !strings.Contains(told.list[0], one.reason) {
				t.Errorf("told %q, want %q once", told.list, one.reason)
			}
		})
	}
}

// TestArriveNowhere: a port that cannot be is not waited for.
func TestArriveNowhere(t *testing.T) {
	d, err := adb.New(adb.Config{Server: &adb.Server{Addr: "127.0.0.1:99999"}, Serial: "NOSUCH"})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := d.Arrive(t.Context(), time.Minute); !errors.Is(err, drivers.ErrLost) || !strings.Contains(err.Error(), "invalid port") || time.Since(begin) > patience {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

// TestArriveStarting: a device that answers may take longer to start than one
// that is not there may take to come; one that comes soon is waited for in silence.
func TestArriveStarting(t *testing.T) {
	b := newBench(t, nil)
	b.asked.Store(-8) // looks until Android has started
	var told notices
	d, err := adb.New(adb.Config{Server: b.server.Server, Serial: b.addr, Booted: true, Note: told.note})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Arrive(t.Context(), time.Second); err != nil {
		t.Error(err)
	}
	if len(told.list) > 1 || len(told.list) == 1 && !strings.Contains(told.list[0], "has not started") {
		t.Errorf("told %q", told.list)
	}
	b.down()
	back := time.AfterFunc(time.Second, b.up)
	defer back.Stop()
	told.list = nil
	if err := d.Arrive(t.Context(), 10*time.Second); err != nil {
		t.Error(err)
	}
}

package drivertest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/drivertest"
	"github.com/spanrig/spanrig/drivers/fake"
	"github.com/spanrig/spanrig/rig/sim/adbd"
)

// echo is a console whose device echoes.
type echo struct{ *fake.Console }

func (e echo) Send(ctx context.Context, p []byte) error {
	if err := e.Console.Send(ctx, p); err != nil {
		return err
	}
	for _, b := range p { // byte by byte, as a line brings them
		e.Arrive([]byte{b})
	}
	return nil
}

func TestFakeConsole(t *testing.T) {
	drivertest.Console(t, func(*testing.T) drivers.Console { return echo{fake.NewConsole()} })
}

// TestFakeBridge runs the fake's programs in the simulator's shell.
func TestFakeBridge(t *testing.T) {
	open := func(*testing.T) drivers.Bridge {
		files := adbd.NewTree(nil)
		shell := adbd.NewShell(adbd.ShellConfig{Files: files})
		b := &fake.Bridge{Programs: map[string]fake.Program{}}
		for _, name := range []string{"sh", "echo", "sleep", "rm"} {
			b.Programs[name] = func(ctx context.Context, argv []string) drivers.Output {
				line, err := adb.Quote(argv...)
				if err != nil {
					return drivers.Output{Code: 2}
				}
				var stdout, stderr bytes.Buffer
				code := shell.Exec(ctx, line, strings.NewReader(""), &stdout, &stderr)
				return drivers.Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Code: code}
			}
		}
		return b
	}
	drivertest.Bridge(t, open)
	drivertest.BridgeReboot(t, open)
}

// lamp is a power switch whose meter may be missing.
type lamp struct {
	on    bool
	meter bool
}

func (l *lamp) Set(ctx context.Context, on bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.on = on
	return nil
}

func (l *lamp) Measured(context.Context) (bool, string, error) {
	if !l.meter {
		return false, "", errors.ErrUnsupported
	}
	return l.on, "the lamp", nil
}

func TestPower(t *testing.T) {
	for _, meter := range []bool{true, false} {
		l := &lamp{meter: meter}
		t.Run("", func(t *testing.T) { drivertest.Power(t, func(*testing.T) drivers.Power { return l }) })
		if !l.on {
			t.Error("it was left off")
		}
	}
}

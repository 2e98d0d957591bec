package android_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
	"github.com/spanrig/spanrig/drivers/fake"
)

// host is a bridge to this machine, whose kernel and iproute2 are Android's kin.
type host struct{ *fake.Bridge }

func (host) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return drivers.Output{}, err
	}
	return drivers.Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Code: cmd.ProcessState.ExitCode()}, nil
}

// TestThisMachine reads interfaces, sockets and clock from real programs.
func TestThisMachine(t *testing.T) {
	for _, program := range []string{"ip", "cat", "date"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs Linux with iproute2: %v", err)
		}
	}
	list, err := android.Interfaces(t.Context(), host{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Name == "lo" && f.Up && (len(f.Addrs) == 0 || !f.Addrs[0].Addr().IsLoopback()) {
			t.Errorf("%+v", f)
		}
	}
	if _, err := android.Sockets(t.Context(), host{}); err != nil {
		t.Error(err)
	}
	offset, uncertain, err := android.Clock(t.Context(), host{})
	if err != nil || offset.Abs() > uncertain || uncertain > time.Second {
		t.Errorf("this machine's clock is %v ± %v off itself, %v", offset, uncertain, err)
	}
}

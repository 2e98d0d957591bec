package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRelease: the linker sets the version. It says nothing of a name that it does
// not find, so the program is built.
func TestRelease(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "spanrig")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-X github.com/spanrig/spanrig/rig/cli.release=v9.8.7", "-o", binary, "../cmd/spanrig")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command(binary, "--version").Output(); err != nil || string(out) != "spanrig v9.8.7\n" {
		t.Errorf("%q, %v", out, err)
	}
	bundle := filepath.Join(t.TempDir(), "run.zip")
	if out, err := exec.Command(binary, "evidence", "seal", traces+"clean-ldm", "-o", bundle).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(binary, "evidence", "verify", bundle).Output()
	if err != nil || !strings.Contains(string(out), "Z by spanrig v9.8.7\n") {
		t.Errorf("%v: %s", err, out)
	}
}

package android

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// ErrNotInstalled says that the device has no such package.
var ErrNotInstalled = errors.New("the package is not installed")

// Packages lists the installed packages, in the device's order.
func Packages(ctx context.Context, b drivers.Bridge) ([]string, error) {
	out, err := run(ctx, b, "pm", "list", "packages")
	if err != nil {
		return nil, err
	}
	return ParsePackages(out)
}

// ParsePackages reads the output of "pm list packages": a line "package:NAME"
// each; other lines are warnings.
func ParsePackages(text []byte) ([]string, error) {
	var names []string
	for line := range lines(text) {
		if name, ok := strings.CutPrefix(line, "package:"); ok && name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("pm list packages: no package in the output")
	}
	return names, nil
}

// Package is what is installed under a name.
type Package struct {
	Name        string
	VersionName string
	VersionCode int64
	UID         int // the app's user id, for user 0 of the device
}

// ReadPackage asks for a package; it is ErrNotInstalled where there is none.
func ReadPackage(ctx context.Context, b drivers.Bridge, name string) (Package, error) {
	out, err := run(ctx, b, "dumpsys", "package", name)
	if err != nil {
		return Package{}, err
	}
	return ParsePackage(out, name)
}

// ParsePackage finds a package in the output of "dumpsys package NAME". The one
// under "Packages:" is meant; an app that was updated has its factory version
// under "Hidden system packages:". The user id is userId, since Android 13
// appId (AOSP Settings.dumpPackageLPr).
func ParsePackage(text []byte, name string) (Package, error) {
	p := Package{Name: name, VersionCode: -1, UID: -1}
	section, inside, found := "", false, false
	for line := range lines(text) {
		if line != "" && line[0] != ' ' {
			section, inside = line, false
			continue
		}
		words := strings.Fields(line)
		if len(words) >= 2 && words[0] == "Package" && strings.HasPrefix(words[1], "[") {
			inside = section == "Packages:" && words[1] == "["+name+"]"
			found = found || inside
			continue
		}
		if !inside {
			continue
		}
		for _, w := range words {
			if err := p.set(w, line); err != nil {
				return Package{}, err
			}
		}
	}
	switch {
	case !found:
		return Package{}, fmt.Errorf("dumpsys package %s: %w", name, ErrNotInstalled)
	case p.VersionCode < 0 || p.UID < 0:
		return Package{}, fmt.Errorf("dumpsys package %s: no version code or user id in the output", name)
	}
	return p, nil
}

// set takes a "key=value"; the first of a key counts.
func (p *Package) set(word, line string) error {
	key, value, _ := strings.Cut(word, "=")
	switch {
	case key == "versionName" && p.VersionName == "":
		_, p.VersionName, _ = strings.Cut(line, "versionName=") // it may have spaces
	case key == "versionCode" && p.VersionCode < 0:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("dumpsys package %s: version code %q is no number", p.Name, value)
		}
		p.VersionCode = n
	case (key == "userId" || key == "appId") && p.UID < 0:
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return fmt.Errorf("dumpsys package %s: user id %q is no number", p.Name, value)
		}
		p.UID = int(n)
	}
	return nil
}

// PIDs lists the processes of a name; none is no error.
func PIDs(ctx context.Context, b drivers.Bridge, name string) ([]int, error) {
	out, err := b.Run(ctx, "pidof", name)
	if err != nil {
		return nil, err
	}
	if out.Code == 1 && len(strings.TrimSpace(string(out.Stdout)+string(out.Stderr))) == 0 {
		return nil, nil
	}
	if out.Code != 0 {
		return nil, commandError([]string{"pidof", name}, out)
	}
	return ParsePIDs(out.Stdout)
}

// ParsePIDs reads the output of pidof: numbers between spaces.
func ParsePIDs(text []byte) ([]int, error) {
	var pids []int
	for _, w := range strings.Fields(string(text)) {
		n, err := strconv.ParseUint(w, 10, 31)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("pidof: %q is no process id", w)
		}
		pids = append(pids, int(n))
	}
	if len(pids) == 0 {
		return nil, errors.New("pidof: no process id in the output")
	}
	return pids, nil
}

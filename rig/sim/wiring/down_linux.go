package wiring

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
)

// remains lists what there is of a bench: namespaces, then the SPAN interface.
func remains(name string) ([]string, error) {
	var list []string
	for _, p := range places {
		ns := namespaceName(name, p)
		if _, err := os.Lstat(filepath.Join(namespaceDir, ns)); err == nil {
			list = append(list, ns)
		}
	}
	spans, err := spanLinks()
	if err != nil {
		return nil, err
	}
	if _, ok := spans[name]; ok {
		list = append(list, spanName(name))
	}
	return list, nil
}

// spanLinks finds the SPAN interfaces of all benches in the caller's namespace.
func spanLinks() (map[string]netlink.Link, error) {
	links, err := Dump(netlink.LinkList)
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	found := map[string]netlink.Link{}
	for _, l := range links {
		if name, ok := strings.CutPrefix(l.Attrs().Name, spanPrefix); ok && l.Type() == "veth" && CheckName(name) == nil {
			found[name] = l
		}
	}
	return found, nil
}

func exists(name string) error {
	for _, p := range places {
		r, err := openRoom(name, p)
		if err != nil {
			return err
		}
		r.close()
	}
	return nil
}

// down removes interfaces first: a namespace that a process still holds must
// not keep them.
func down(name string) error {
	spans, err := spanLinks()
	if err != nil {
		return err
	}
	var errs []error
	if link, ok := spans[name]; ok {
		errs = append(errs, netlink.LinkDel(link))
	}
	for _, p := range places {
		if r, err := openRoom(name, p); err == nil {
			errs = append(errs, r.strip())
			r.close()
		}
		errs = append(errs, removeNamespace(namespaceName(name, p)))
	}
	return errors.Join(errs...)
}

// strip removes every interface of a namespace but its loopback.
func (r *room) strip() error {
	links, err := Dump(r.nl.LinkList)
	if err != nil {
		return fmt.Errorf("list interfaces: %w", err)
	}
	var errs []error
	for _, l := range links {
		var gone netlink.LinkNotFoundError
		if l.Attrs().Name == "lo" {
			continue
		}
		if _, err := r.nl.LinkByName(l.Attrs().Name); errors.As(err, &gone) {
			continue // with its other end
		}
		if err := r.nl.LinkDel(l); err != nil {
			errs = append(errs, fmt.Errorf("remove interface %s: %w", l.Attrs().Name, err))
		}
	}
	return errors.Join(errs...)
}

func list() ([]string, error) {
	var names []string
	entries, err := os.ReadDir(namespaceDir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if name := benchOf(e.Name()); name != "" {
			names = append(names, name)
		}
	}
	spans, err := spanLinks()
	if err != nil {
		return nil, err
	}
	names = slices.AppendSeq(names, maps.Keys(spans))
	slices.Sort(names)
	return slices.Compact(names), nil
}

// processes compares the namespace of every process with those of the bench.
func processes(name string) ([]int, error) {
	var inside []os.FileInfo
	for _, p := range places {
		if at, err := os.Stat(filepath.Join(namespaceDir, namespaceName(name, p))); err == nil {
			inside = append(inside, at)
		}
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var list []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if slices.ContainsFunc(networks(pid), func(at os.FileInfo) bool {
			return slices.ContainsFunc(inside, func(in os.FileInfo) bool { return os.SameFile(in, at) })
		}) {
			list = append(list, pid)
		}
	}
	return list, nil
}

// networks are the network namespaces of a process's threads: those of a Go
// program may be in several. None where it has ended.
func networks(pid int) (list []os.FileInfo) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/ns/net", pid)) // the pattern is sound
	for _, path := range threads {
		if at, err := os.Stat(path); err == nil && !slices.ContainsFunc(list, func(known os.FileInfo) bool { return os.SameFile(known, at) }) {
			list = append(list, at)
		}
	}
	return list
}

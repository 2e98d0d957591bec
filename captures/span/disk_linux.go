package span

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// free returns how many bytes of the disk below dir this user may still fill.
func free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("folder %s: %w", filepath.Base(dir), err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// refuseFull finds a disk on which a capture would end as soon as it began.
func (c *Config) refuseFull() error {
	n, err := free(c.Dir)
	if err == nil && n < c.MinFree {
		err = fmt.Errorf("the disk has only %d MiB free where %d are left alone: make room, or record elsewhere", n>>20, c.MinFree>>20)
	}
	return err
}

// backlog returns how many frames the input queues of the host's cores have
// dropped since boot, on all interfaces: the second column, in hex, of
// /proc/net/softnet_stat.
func backlog() (uint64, error) {
	b, err := os.ReadFile("/proc/net/softnet_stat")
	if err != nil {
		return 0, err
	}
	return parseBacklog(string(b))
}

func parseBacklog(text string) (uint64, error) {
	var sum uint64
	for line := range strings.Lines(text) {
		columns := strings.Fields(line)
		if len(columns) < 2 {
			return 0, fmt.Errorf("softnet_stat has a line of %d columns", len(columns))
		}
		n, err := strconv.ParseUint(columns[1], 16, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// system is the name of the operating system and its release.
func system() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "Linux"
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
}

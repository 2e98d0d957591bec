package adb

import (
	"errors"
	"fmt"
	"strings"
)

// Quote makes one line for the device's shell that runs a program with exactly
// these arguments. Each is in single quotes, inside which POSIX gives no byte a
// meaning; a single quote itself ends them, stands behind a backslash, and
// begins new ones. An argument cannot hold a NUL byte.
func Quote(argv ...string) (string, error) {
	if len(argv) == 0 {
		return "", errors.New("adb: no program to run")
	}
	var b strings.Builder
	for i, a := range argv {
		if strings.ContainsRune(a, 0) {
			return "", fmt.Errorf("adb: argument %d has a NUL byte, which no program can be given", i)
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte('\'')
		b.WriteString(strings.ReplaceAll(a, "'", `'\''`))
		b.WriteByte('\'')
	}
	return b.String(), nil
}

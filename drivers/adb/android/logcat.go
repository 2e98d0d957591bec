package android

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// Logcat copies the device's log to w, from now until ctx ends, which is no
// error, or w fails. Each line begins with seconds since 1970, to the
// microsecond, of the device's clock, which no time zone and no daylight saving
// can make ambiguous; then process, thread, priority, tag and message.
//
// It survives the loss of the link: it waits until the device is back, goes on
// where it stopped, and marks the gap with a line "--------- gap: ..." and a
// note of kind "logcat". Lines of the gap that the device still has are not
// lost; after a restart of the device its log begins anew. A nil note tells nobody.
func Logcat(ctx context.Context, b drivers.Bridge, w io.Writer, note drivers.Note) error {
	if note == nil {
		note = drivers.Silent
	}
	l := &logcat{b: b, w: w, from: "1"} // "-T 1": one line of before, and then what comes
	for {
		err := l.follow(ctx)
		var broken *writeError
		var exit *drivers.ExitError
		switch {
		case errors.As(err, &broken):
			return broken.error
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &exit) && l.stamp == "":
			return fmt.Errorf("logcat: %w", err) // it never ran
		}
		lost := time.Now()
		if err := l.comeBack(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if err := l.gap(note, lost, err); err != nil {
			return err
		}
	}
}

// logcat is where a copy stands.
type logcat struct {
	b     drivers.Bridge
	w     io.Writer
	boot  string   // the run of the device's kernel
	from  string   // what -T is given; empty: from the beginning of the device's log
	stamp string   // the last line's time
	same  []string // lines of that time, which the device repeats after a gap
}

// writeError is about w.
type writeError struct{ error }

const logcatPause = time.Second // before a logcat that ended by itself is started again

// follow copies until the stream ends, which it never does by itself while all is well.
func (l *logcat) follow(ctx context.Context) error {
	if l.boot == "" {
		l.boot, _ = BootID(ctx, l.b) // unread: a restart cannot be told from a loss
	}
	argv := []string{"logcat", "-v", "threadtime", "-v", "epoch", "-v", "usec"}
	if l.from != "" {
		argv = append(argv, "-T", l.from)
	}
	r, err := l.b.Stream(ctx, argv...)
	if err != nil {
		return err
	}
	defer r.Close()
	repeated := l.same
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // half a line comes again whole
			return err
		}
		if stamp := LogTime(line); stamp == l.stamp && len(repeated) > 0 && repeated[0] == line {
			repeated = repeated[1:]
			continue
		}
		if _, err := io.WriteString(l.w, line); err != nil {
			return &writeError{err}
		}
		l.keep(line)
	}
}

// keep remembers where to go on.
func (l *logcat) keep(line string) {
	stamp := LogTime(line)
	if stamp == "" {
		return
	}
	if stamp != l.stamp {
		l.stamp, l.from, l.same = stamp, stamp, nil
	}
	l.same = append(l.same, line)
}

// LogTime is a log line's time, "1790661600.123456"; empty where it is a
// divider ("--------- beginning of main") or no line of this format.
func LogTime(line string) string {
	stamp, _, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
	sec, frac, ok := strings.Cut(stamp, ".")
	if _, err := strconv.ParseUint(sec, 10, 40); err != nil || !ok || len(frac) != 6 {
		return ""
	}
	if _, err := strconv.ParseUint(frac, 10, 32); err != nil {
		return ""
	}
	return stamp
}

// comeBack waits for the device and finds out whether it has started anew.
func (l *logcat) comeBack(ctx context.Context) error {
	select {
	case <-time.After(logcatPause):
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		err := l.b.Ready(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return err
		}
		select { // a state that needs a person lasts
		case <-time.After(logcatPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	boot, err := BootID(ctx, l.b)
	if err == nil && boot != l.boot {
		*l = logcat{b: l.b, w: l.w, boot: boot}
	}
	return nil
}

// gap says in the log and to the journal that something may be missing.
func (l *logcat) gap(note drivers.Note, lost time.Time, why error) error {
	back := time.Now()
	restarted := l.stamp == "" && l.from == ""
	note("logcat", map[string]any{"gap_from": lost.UTC().Format(time.RFC3339Nano), "gap_to": back.UTC().Format(time.RFC3339Nano),
		"restarted": restarted, "why": fmt.Sprint(why)})
	what := "goes on after " + l.stamp
	if restarted {
		what = "the device has started anew"
	}
	_, err := fmt.Fprintf(l.w, "--------- gap: host clock %.6f to %.6f; %s\n",
		float64(lost.UnixMicro())/1e6, float64(back.UnixMicro())/1e6, what)
	return err
}

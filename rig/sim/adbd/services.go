package adbd

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// service finds what serves a stream of that name; nil where there is nothing.
func (d *Daemon) service(name string) func(context.Context, *stream) {
	name = strings.TrimRight(name, "\x00") // old servers end names like C does
	kind, argument, _ := strings.Cut(name, ":")
	options := strings.Split(kind, ",")
	switch options[0] {
	case "shell":
		return d.shellService(options[1:], argument)
	case "exec":
		return func(ctx context.Context, s *stream) { d.rawShell(ctx, s, argument) }
	case "sync":
		return func(ctx context.Context, s *stream) { d.syncService(s) }
	case "reboot":
		return func(ctx context.Context, s *stream) { d.reboot(ctx, argument) }
	case "root", "unroot":
		return func(_ context.Context, s *stream) {
			_, _ = fmt.Fprintln(s, "adbd cannot run as root in production builds")
		}
	}
	return nil
}

// reboot tells the simulator and then waits for the link to go, as the real
// service does.
func (d *Daemon) reboot(ctx context.Context, target string) {
	if d.config.Reboot == nil {
		return
	}
	d.config.Reboot(target)
	<-ctx.Done()
}

// rawShell has no protocol: both outputs are one, and there is no exit code.
func (d *Daemon) rawShell(ctx context.Context, s *stream, command string) {
	d.config.Shell.Exec(ctx, command, s, s, s)
}

var _ io.ReadWriter = (*stream)(nil)

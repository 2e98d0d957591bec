package device

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// offline is a device on no network that has booted, and its shell without adb
// in between.
func offline(t *testing.T, dir string, knobs Knobs) (*device, drivers.Bridge) {
	t.Helper()
	d := &device{config: Config{State: dir, Knobs: knobs, Pace: 0.01, Tell: func(Event) {}}, restart: make(chan struct{}, 1), cable: true}
	var err error
	if d.store, err = openStore(dir); err != nil {
		t.Fatal(err)
	}
	d.files = adbd.NewTree(d.now)
	d.lay()
	d.host = talk.NewHost(talk.Config{Resolvers: func() []netip.Addr { return nil }, Now: d.now})
	if d.bench, err = openBench("", d); err != nil {
		t.Fatal(err)
	}
	b := d.powerOn()
	b.done, b.awake, b.props["sys.boot_completed"] = true, true, "1"
	t.Cleanup(b.app.Vanish)
	return d, &direct{shell: adbd.NewShell(adbd.ShellConfig{Commands: d.commands(), Files: d.files}), files: d.files}
}

// direct is a bridge without a link.
type direct struct {
	shell adbd.Shell
	files adbd.Files
}

func (b *direct) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	line, err := adb.Quote(argv...)
	if err != nil {
		return drivers.Output{}, err
	}
	var out, errs bytes.Buffer
	code := b.shell.Exec(ctx, line, &bytes.Buffer{}, &out, &errs)
	return drivers.Output{Stdout: out.Bytes(), Stderr: errs.Bytes(), Code: code}, ctx.Err()
}

func (b *direct) Stream(ctx context.Context, argv ...string) (io.ReadCloser, error) {
	line, err := adb.Quote(argv...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	go func() {
		b.shell.Exec(ctx, line, &bytes.Buffer{}, w, io.Discard)
		w.Close()
	}()
	return &stream{r, cancel}, nil
}

type stream struct {
	io.Reader
	cancel context.CancelFunc
}

func (s *stream) Close() error { s.cancel(); return nil }

func (b *direct) Pull(_ context.Context, path string, w io.Writer) error {
	r, err := b.files.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

func (b *direct) Push(_ context.Context, path string, perm fs.FileMode, r io.Reader) error {
	w, err := b.files.Create(path, perm)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	return w.Close()
}

func (b *direct) Reboot(context.Context) error { return errors.ErrUnsupported }
func (b *direct) Ready(context.Context) error  { return nil }

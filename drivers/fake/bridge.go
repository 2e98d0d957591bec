package fake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/spanrig/spanrig/drivers"
)

// Program is a program of the fake device.
type Program func(ctx context.Context, argv []string) drivers.Output

// Bridge is a device in memory. Fill Programs and Files before the first call;
// a program that is not there gives exit code 127, as a shell does.
type Bridge struct {
	Programs map[string]Program // by name
	Files    map[string][]byte  // by path

	mu    sync.Mutex
	calls [][]string
	lost  bool
	link  context.Context // ends when the link is lost
	cut   context.CancelFunc
}

var _ drivers.Bridge = (*Bridge)(nil)

// Prints is a program that succeeds with an output.
func Prints(stdout string) Program {
	return func(context.Context, []string) drivers.Output { return drivers.Output{Stdout: []byte(stdout)} }
}

// Calls lists the argument vectors that were run.
func (b *Bridge) Calls() [][]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Lose breaks the link: what runs ends with drivers.ErrLost, and so does every
// call until Ready.
func (b *Bridge) Lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = true
	if b.cut != nil {
		b.cut()
	}
}

// begin returns a context for a call, which ends with the link.
func (b *Bridge) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lost {
		return nil, nil, drivers.ErrLost
	}
	if b.cut == nil {
		b.link, b.cut = context.WithCancel(context.Background())
	}
	call, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(b.link, func() { cancel(drivers.ErrLost) })
	return call, func() { stop(); cancel(nil) }, nil
}

// Run implements [drivers.Bridge].
func (b *Bridge) Run(ctx context.Context, argv ...string) (drivers.Output, error) {
	if len(argv) == 0 || slices.ContainsFunc(argv, func(a string) bool { return strings.Contains(a, "\x00") }) {
		return drivers.Output{}, fmt.Errorf("fake: the arguments %q cannot be those of a program", argv)
	}
	ctx, end, err := b.begin(ctx)
	if err != nil {
		return drivers.Output{}, err
	}
	defer end()
	b.mu.Lock()
	b.calls = append(b.calls, slices.Clone(argv))
	program := b.Programs[argv[0]]
	b.mu.Unlock()
	if program == nil {
		return drivers.Output{Stderr: []byte(argv[0] + ": not found\n"), Code: 127}, nil
	}
	out := program(ctx, argv)
	if err := context.Cause(ctx); err != nil {
		return drivers.Output{}, err
	}
	return out, nil
}

// Stream implements [drivers.Bridge]: the program runs, and then its output is given.
func (b *Bridge) Stream(ctx context.Context, argv ...string) (io.ReadCloser, error) {
	out, err := b.Run(ctx, argv...)
	if err != nil {
		return nil, err
	}
	end := io.EOF
	if out.Code != 0 {
		end = &drivers.ExitError{Code: out.Code, Stderr: out.Stderr}
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(out.Stdout), &failing{end})), nil
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// Pull implements [drivers.Bridge].
func (b *Bridge) Pull(ctx context.Context, path string, w io.Writer) error {
	_, end, err := b.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	b.mu.Lock()
	content, ok := b.Files[path]
	b.mu.Unlock()
	if !ok {
		return &fs.PathError{Op: "pull", Path: path, Err: fs.ErrNotExist}
	}
	_, err = w.Write(content)
	return err
}

// Push implements [drivers.Bridge].
func (b *Bridge) Push(ctx context.Context, path string, _ fs.FileMode, r io.Reader) error {
	_, end, err := b.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Files == nil {
		b.Files = map[string][]byte{}
	}
	b.Files[path] = content
	return nil
}

// Reboot implements [drivers.Bridge].
func (b *Bridge) Reboot(ctx context.Context) error {
	_, end, err := b.begin(ctx)
	if err != nil {
		return err
	}
	end()
	b.Lose()
	return nil
}

// Ready implements [drivers.Bridge]: the link is there again.
func (b *Bridge) Ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost, b.cut = false, nil
	return nil
}

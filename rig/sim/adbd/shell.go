package adbd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Command is one program of the device; it returns its exit code, soon after
// ctx ends at the latest.
type Command func(ctx context.Context, c *Call) int

// Call is how a program was called.
type Call struct {
	Args           []string // the program's name first
	Dir            string   // the working directory
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Path makes a name absolute, as seen from the working directory.
func (c *Call) Path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(c.Dir, name)
}

// Fail prints "NAME: reason" to the standard error and returns exit code 1.
func (c *Call) Fail(format string, args ...any) int {
	fmt.Fprintf(c.Stderr, "%s: %s\n", c.Args[0], fmt.Sprintf(format, args...))
	return 1
}

// ShellConfig says what the shell can run and see.
type ShellConfig struct {
	Commands map[string]Command // by name; they win over the small ones that the shell brings
	Files    Files
	Env      []string // "NAME=value"; nil: what adb's shell has
}

// NewShell returns a shell in which pipes, lists, variables, redirections and
// loops work as in Android's, and all programs are ours. It brings cat, ls, rm,
// sleep, sha256sum, uname, id and sh.
func NewShell(c ShellConfig) Shell {
	sh := &shell{commands: maps.Clone(smallCommands(c.Files)), files: c.Files, env: c.Env}
	maps.Copy(sh.commands, c.Commands)
	sh.commands["sh"] = sh.sh
	if sh.env == nil {
		sh.env = []string{"PATH=/system/bin:/vendor/bin", "HOME=/", "USER=shell", "SHELL=/system/bin/sh", "TMPDIR=/data/local/tmp",
			"UID=2000", "EUID=2000", "GID=2000", "EXTERNAL_STORAGE=/sdcard", "ANDROID_DATA=/data", "ANDROID_ROOT=/system"}
	}
	return sh
}

type shell struct {
	commands map[string]Command
	files    Files
	env      []string
}

// Exec implements [Shell].
func (sh *shell) Exec(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) int {
	if command == "" {
		return sh.dialogue(ctx, stdin, stdout, stderr)
	}
	return sh.run(ctx, command, []string{shellPath}, &Call{Dir: "/", Stdin: stdin, Stdout: stdout, Stderr: stderr})
}

const shellPath = "/system/bin/sh"

// run runs a whole text with its name, which is $0, and parameters.
func (sh *shell) run(ctx context.Context, text string, params []string, c *Call) int {
	stderr := c.Stderr
	file, err := parser().Parse(strings.NewReader(encodeRaw(text)), params[0])
	if err != nil {
		return complain(stderr, err)
	}
	r, err := sh.runner(c.Dir, params[1:], c.Stdin, c.Stdout, stderr)
	if err != nil {
		return complain(stderr, err)
	}
	return exitCode(r.Run(ctx, file), stderr)
}

// dialogue runs the lines of stdin one after the other.
func (sh *shell) dialogue(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) int {
	r, err := sh.runner("/", nil, strings.NewReader(""), stdout, stderr)
	if err != nil {
		return complain(stderr, err)
	}
	code := 0
	for stmts, err := range parser().InteractiveSeq(&rawLines{r: bufio.NewReader(stdin)}) {
		if err != nil {
			return complain(stderr, err)
		}
		for _, stmt := range stmts {
			code = exitCode(r.Run(ctx, stmt), stderr)
			if r.Exited() || ctx.Err() != nil {
				return code
			}
		}
	}
	return code
}

func parser() *syntax.Parser { return syntax.NewParser(syntax.Variant(syntax.LangMirBSDKorn)) }

// complain prints what the shell itself has to say.
func complain(stderr io.Writer, err error) int {
	var wrong syntax.ParseError
	if errors.As(err, &wrong) {
		err = fmt.Errorf("syntax error: %s", wrong.Text)
	}
	fmt.Fprintf(stderr, "%s: %v\n", shellPath, err)
	return 1
}

// exitCode reads how a text ended. What is no exit code is the shell's own
// trouble, or the end of the context, whose code nobody sees.
func exitCode(err error, stderr io.Writer) int {
	var status interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	return complain(stderr, err)
}

func (sh *shell) runner(dir string, params []string, stdin io.Reader, stdout, stderr io.Writer) (*interp.Runner, error) {
	return interp.New(
		interp.Env(expand.ListEnviron(sh.env...)),
		interp.StdIO(stdin, stdout, stderr),
		interp.Params(append([]string{"--"}, params...)...),
		interp.CallHandler(func(_ context.Context, args []string) ([]string, error) {
			decoded := make([]string, len(args))
			for i, a := range args {
				decoded[i] = decodeRaw(a)
			}
			return decoded, nil
		}),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return sh.exec }),
		interp.OpenHandler(sh.open),
		interp.StatHandler(sh.stat),
		interp.ReadDirHandler2(func(ctx context.Context, dir string) ([]fs.DirEntry, error) {
			return sh.files.ReadDir(absolute(ctx, dir))
		}),
		interp.AccessHandler(sh.access),
		func(r *interp.Runner) error { r.Dir = dir; return nil }, // interp.Dir would ask the host
	)
}

// exec runs one of our programs; no other can be found.
func (sh *shell) exec(ctx context.Context, args []string) error {
	h := interp.HandlerCtx(ctx)
	name := args[0]
	if dir := path.Dir(name); dir == "/system/bin" || dir == "/vendor/bin" {
		name = path.Base(name)
	}
	run := sh.commands[name]
	if run == nil {
		fmt.Fprintf(h.Stderr, "%s: %s: inaccessible or not found\n", shellPath, args[0])
		return interp.ExitStatus(127)
	}
	code := run(ctx, &Call{Args: args, Dir: h.Dir, Stdin: h.Stdin, Stdout: h.Stdout, Stderr: h.Stderr})
	if code&0xff == 0 {
		return nil
	}
	return interp.ExitStatus(code & 0xff)
}

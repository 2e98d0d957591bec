package adbd

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// smallCommands are the programs that every shell has.
func smallCommands(files Files) map[string]Command {
	return map[string]Command{
		"cat":       func(_ context.Context, c *Call) int { return c.eachFile(files, copyTo) },
		"sha256sum": func(_ context.Context, c *Call) int { return c.eachFile(files, sumTo) },
		"ls":        func(_ context.Context, c *Call) int { return list(files, c) },
		"rm":        func(_ context.Context, c *Call) int { return remove(files, c) },
		"mv":        func(_ context.Context, c *Call) int { return move(files, c) },
		"sleep":     sleep,
		"uname":     func(_ context.Context, c *Call) int { fmt.Fprintln(c.Stdout, "Linux"); return 0 },
		"id": func(_ context.Context, c *Call) int {
			fmt.Fprintln(c.Stdout, "uid=2000(shell) gid=2000(shell) groups=2000(shell),3003(inet)")
			return 0
		},
	}
}

// sh runs "sh -c text [name [arguments]]", a script, or stdin.
func (sh *shell) sh(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	if len(args) == 0 {
		return sh.dialogue(ctx, c.Stdin, c.Stdout, c.Stderr)
	}
	if args[0] == "-c" && len(args) > 1 {
		params := args[2:]
		if len(params) == 0 {
			params = []string{"sh"}
		}
		return sh.run(ctx, args[1], params, c)
	}
	f, err := sh.files.Open(c.Path(args[0]))
	if err != nil {
		c.Fail("%s: %s", args[0], reason(err))
		return 127
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return c.Fail("%s: %s", args[0], reason(err))
	}
	return sh.run(ctx, string(text), args, c)
}

// eachFile does something with each file that is named, or with the standard input.
func (c *Call) eachFile(files Files, do func(w io.Writer, name string, r io.Reader) error) int {
	names := operands(c.Args)
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, name := range names {
		r := io.NopCloser(c.Stdin)
		if name != "-" {
			var err error
			if r, err = files.Open(c.Path(name)); err != nil {
				code = c.Fail("%s: %s", name, reason(err))
				continue
			}
		}
		err := do(c.Stdout, name, r)
		r.Close()
		if err != nil {
			code = c.Fail("%s: %s", name, reason(err))
		}
	}
	return code
}

func copyTo(w io.Writer, _ string, r io.Reader) error {
	_, err := io.Copy(w, r)
	return err
}

func sumTo(w io.Writer, name string, r io.Reader) error {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%x  %s\n", h.Sum(nil), name)
	return err
}

// operands are the arguments that are no options.
func operands(args []string) []string {
	var names []string
	for _, a := range args[1:] {
		if !strings.HasPrefix(a, "-") || a == "-" {
			names = append(names, a)
		}
	}
	return names
}

func list(files Files, c *Call) int {
	names := operands(c.Args)
	if len(names) == 0 {
		names = []string{c.Dir}
	}
	code := 0
	for _, name := range names {
		info, err := files.Stat(c.Path(name))
		switch {
		case err != nil:
			code = c.Fail("%s: %s", name, reason(err))
		case !info.IsDir():
			fmt.Fprintln(c.Stdout, name)
		default:
			entries, err := files.ReadDir(c.Path(name))
			if err != nil {
				code = c.Fail("%s: %s", name, reason(err))
			}
			for _, e := range entries {
				fmt.Fprintln(c.Stdout, e.Name())
			}
		}
	}
	return code
}

func remove(files Files, c *Call) int {
	force := len(c.Args) > 1 && strings.HasPrefix(c.Args[1], "-") && strings.Contains(c.Args[1], "f")
	code := 0
	for _, name := range operands(c.Args) {
		if err := files.Remove(c.Path(name)); err != nil && !force {
			code = c.Fail("%s: %s", name, reason(err))
		}
	}
	return code
}

// move gives a file another name; what had that name is replaced.
func move(files Files, c *Call) int {
	names := operands(c.Args)
	if len(names) != 2 {
		return c.Fail("Needs 2 arguments")
	}
	from, to := c.Path(names[0]), c.Path(names[1])
	err := copyFile(files, from, to)
	if err == nil {
		err = files.Remove(from)
	}
	if err != nil {
		return c.Fail("bad '%s': %s", names[0], reason(err))
	}
	return 0
}

func copyFile(files Files, from, to string) error {
	st, err := files.Stat(from)
	if err != nil {
		return err
	}
	in, err := files.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := files.Create(to, st.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// sleep takes seconds, with a fraction where there is one.
func sleep(ctx context.Context, c *Call) int {
	if len(c.Args) != 2 {
		return c.Fail("Needs 1 argument")
	}
	seconds, err := strconv.ParseFloat(c.Args[1], 64)
	if err != nil || seconds < 0 {
		return c.Fail("Not a number: %s", c.Args[1])
	}
	select {
	case <-time.After(time.Duration(seconds * float64(time.Second))):
		return 0
	case <-ctx.Done():
		return 1
	}
}

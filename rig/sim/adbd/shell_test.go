package adbd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testShell() (Shell, *Tree) {
	files := NewTree(nil)
	files.Put("/sdcard/hello", []byte("hello\n"))
	n := 0
	files.PutFunc("/proc/net/tcp", func() []byte { n++; return fmt.Appendf(nil, "read %d\n", n) })
	return NewShell(ShellConfig{Files: files, Commands: map[string]Command{
		"getprop": func(_ context.Context, c *Call) int { fmt.Fprintln(c.Stdout, "RM510B", c.Args[1:]); return 0 },
		"fails":   func(_ context.Context, c *Call) int { return c.Fail("no %s", "luck") },
	}}), files
}

func execute(sh Shell, command, stdin string) (stdout, stderr string, code int) {
	var out, err bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	code = sh.Exec(ctx, command, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), code
}

func TestShell(t *testing.T) {
	sh, _ := testShell()
	for _, test := range []struct {
		command, stdin, stdout, stderr string
		code                           int
	}{
		{`getprop ro.product.model`, "", "RM510B [ro.product.model]\n", "", 0},
		{`/system/bin/getprop 'a  b' "c d"`, "", "RM510B [a  b c d]\n", "", 0},
		{`fails; echo $?`, "", "1\n", "fails: no luck\n", 0},
		{`fails && echo no || echo yes`, "", "yes\n", "fails: no luck\n", 0},
		{`fails 2>&1; exit 300`, "", "fails: no luck\n", "", 44},
		{`fails 2>/dev/null`, "", "", "", 1},
		{`nosuch`, "", "", "/system/bin/sh: nosuch: inaccessible or not found\n", 127},
		{`cat`, "in", "in", "", 0},
		{`cat /sdcard/hello /sdcard/none`, "", "hello\n", "cat: /sdcard/none: No such file or directory\n", 1},
		{`cat /proc/net/tcp; cat < /proc/net/tcp`, "", "read 1\nread 2\n", "", 0},
		{`echo a > /sdcard/new; echo b >> /sdcard/new; cat /sdcard/new; rm /sdcard/new; ls /sdcard`, "", "a\nb\nhello\n", "", 0},
		{`cd /sdcard && pwd && cat hello && ls && echo h*`, "", "/sdcard\nhello\nhello\nhello\n", "", 0},
		{`x="two words"; for i in 1 2; do echo "$i $x"; done | cat`, "", "1 two words\n2 two words\n", "", 0},
		{`sh -c 'echo "$0 $1"; exit 3' name arg; echo $?`, "", "name arg\n3\n", "", 0},
		{`echo 'echo from a script $1' > /data/local/tmp/s.sh; sh /data/local/tmp/s.sh x`, "", "from a script x\n", "", 0},
		{`sh`, "echo from stdin\n", "from stdin\n", "", 0},
		{`[ -f /sdcard/hello ] && [ -O /sdcard/hello ] && echo yes`, "", "yes\n", "", 0},
		{`sleep 0.01; sleep x`, "", "", "sleep: Not a number: x\n", 1},
		{`id; uname; echo $USER $UID`, "", "uid=2000(shell) gid=2000(shell) groups=2000(shell),3003(inet)\nLinux\nshell 2000\n", "", 0},
		{"echo \xff\xfe '\xc3'", "", "\xff\xfe \xc3\n", "", 0},
		{`printf 'a\0b'`, "", "a\x00b", "", 0},
		{`rm -f /none && rm /sdcard`, "", "", "rm: /sdcard: Directory not empty\n", 1},
		{`echo a > /sdcard/one; mv -f /sdcard/one /sdcard/two && cat /sdcard/two; rm /sdcard/two; mv /sdcard/one /x`, "", "a\n", "mv: bad '/sdcard/one': No such file or directory\n", 1},
	} {
		stdout, stderr, code := execute(sh, test.command, test.stdin)
		if stdout != test.stdout || stderr != test.stderr || code != test.code {
			t.Errorf("%s:\n%q, %q, %d\nwant %q, %q, %d", test.command, stdout, stderr, code, test.stdout, test.stderr, test.code)
		}
	}
	if _, stderr, code := execute(sh, `echo 'unclosed`, ""); code != 1 || !strings.HasPrefix(stderr, "/system/bin/sh: ") {
		t.Errorf("a syntax error: %q, %d", stderr, code)
	}
}

// TestDialogue runs commands from the standard input, line by line.
func TestDialogue(t *testing.T) {
	sh, _ := testShell()
	stdout, stderr, code := execute(sh, "", "cd /sdcard\nls; x=1\nif [ $x = 1 ]\nthen echo one\nfi\nexit 5\necho never\n")
	if stdout != "hello\none\n" || stderr != "" || code != 5 {
		t.Errorf("%q, %q, %d", stdout, stderr, code)
	}
}

// TestNothingOfTheHost tries to see and to change the machine beneath.
func TestNothingOfTheHost(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("echo of the host"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SPANRIG_TEST", "of the host")
	sh, files := testShell()
	for _, command := range []string{
		"cat " + secret, "cat < " + secret, ". " + secret, "sh " + secret, secret, "exec " + secret, "ls " + filepath.Dir(secret),
		"echo " + secret + "*x*", "[ -e " + secret + " ] && echo of the host", "cd " + filepath.Dir(secret) + " && echo of the host",
		"echo $SPANRIG_TEST", "command " + secret, "eval " + secret, "cat <(echo of the host)", "kill -9 $$; killall adb", "ulimit -n 1; umask 777",
		"mapfile x < " + secret + "; echo ${x[0]}", "read x < " + secret + "; echo $x", "/bin/sh -c 'echo of the host'", "env",
	} {
		stdout, _, _ := execute(sh, command, "")
		if strings.Contains(stdout, "of the host") {
			t.Errorf("%s: %q", command, stdout)
		}
	}
	execute(sh, "echo changed > "+secret, "")
	if text, _ := os.ReadFile(secret); string(text) != "echo of the host" {
		t.Errorf("the host's file became %q", text)
	}
	if f, err := files.Open(secret); err != nil {
		t.Errorf("the device has no such file: %v", err)
	} else {
		f.Close()
	}
}

// TestShellEnds ends every program with its context.
func TestShellEnds(t *testing.T) {
	sh, _ := testShell()
	for _, command := range []string{"sleep 60", "while :; do :; done", "sleep 60 | cat", "cat", "sh -c 'sleep 60'", "sleep 60 & wait"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		begin := time.Now()
		stdin, hold := io.Pipe()
		context.AfterFunc(ctx, func() { hold.Close() }) // as the daemon does
		sh.Exec(ctx, command, stdin, io.Discard, io.Discard)
		cancel()
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s: %v", command, took)
		}
	}
}

func TestTree(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	tree := NewTree(func() time.Time { return now })
	tree.Put("a/b/c", []byte("x"))
	if info, err := tree.Stat("/a/b/../b/c"); err != nil || info.Size() != 1 || info.ModTime() != now || info.Name() != "c" {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := tree.Create("/a/b", 0o644); err == nil {
		t.Error("a folder was replaced")
	}
	if _, err := tree.ReadDir("/a/b/c"); err == nil {
		t.Error("a file was listed")
	}
	if _, err := tree.Open("/a"); err == nil {
		t.Error("a folder was opened")
	}
	if err := tree.Remove("/a"); err == nil {
		t.Error("a full folder was removed")
	}
	entries, err := tree.ReadDir("/")
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err != nil || fmt.Sprint(names) != "[a data dev proc sdcard system]" {
		t.Errorf("%v, %v", names, err)
	}
}

package adb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb"
	"github.com/spanrig/spanrig/drivers/fake"
)

// pair is a device behind a fake server.
func pair(t *testing.T, silence time.Duration, handle func(*fake.AdbConn)) *adb.Device {
	t.Helper()
	s, err := fake.NewAdbServer(handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d, err := adb.New(adb.Config{Server: &adb.Server{Addr: s.Addr, Silence: silence}, Serial: "SERIAL"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// script answers features, and every other request with what it holds.
func script(features, rest string, say func(c *fake.AdbConn, text string)) func(*fake.AdbConn) {
	return func(c *fake.AdbConn) {
		request, err := c.Request()
		switch {
		case err != nil:
		case strings.HasSuffix(request, ":features"):
			fmt.Fprint(c, "OKAY"+fake.Text(features))
		default:
			say(c, rest)
			_ = c.Conn.(*net.TCPConn).CloseWrite() // a close with unread bytes would take back what was sent
			hold(c)
		}
	}
}

// hold keeps the connection until the client closes it.
func hold(c *fake.AdbConn) { _, _ = io.Copy(io.Discard, c) }

const shellReply = "OKAYOKAY" + // transport, service
	"\x01\x03\x00\x00\x00out" + "\x02\x03\x00\x00\x00err" + "\x01\x00\x00\x00\x00" + "\x01\x01\x00\x00\x00!" + "\x03\x01\x00\x00\x00\x07"

const pullReply = "OKAYOKAY" + "DATA\x03\x00\x00\x00abc" + "DATA\x01\x00\x00\x00d" + "DONE\x00\x00\x00\x00"

// TestTruncated closes the connection after every byte of a dialogue: the
// result is whole or an error that says that the device is lost.
func TestTruncated(t *testing.T) {
	for cut := range len(shellReply) + 1 {
		d := pair(t, time.Second, script("shell_v2", shellReply, func(c *fake.AdbConn, text string) { fmt.Fprint(c, text[:cut]) }))
		out, err := d.Run(t.Context(), "x")
		if whole := cut == len(shellReply); whole != (err == nil) || err != nil && !errors.Is(err, drivers.ErrLost) {
			t.Errorf("cut at %d: %v", cut, err)
		}
		if want := (drivers.Output{Stdout: []byte("out!"), Stderr: []byte("err"), Code: 7}); err == nil && fmt.Sprint(out) != fmt.Sprint(want) {
			t.Errorf("got %+v", out)
		}
		if err != nil && (out.Stdout != nil || out.Stderr != nil || out.Code != 0) {
			t.Errorf("cut at %d: an error and %+v", cut, out)
		}
	}
	for cut := range len(pullReply) + 1 {
		d := pair(t, time.Second, script("", pullReply, func(c *fake.AdbConn, text string) { fmt.Fprint(c, text[:cut]) }))
		var got bytes.Buffer
		err := d.Pull(t.Context(), "/x", &got)
		if whole := cut == len(pullReply); whole != (err == nil) || err != nil && !errors.Is(err, drivers.ErrLost) {
			t.Errorf("cut at %d: %v", cut, err)
		}
		if err == nil && got.String() != "abcd" {
			t.Errorf("got %q", got.String())
		}
	}
}

// TestShortReads sends a dialogue byte by byte.
func TestShortReads(t *testing.T) {
	slowly := func(c *fake.AdbConn, text string) {
		for _, b := range []byte(text) {
			time.Sleep(100 * time.Microsecond)
			_, _ = c.Write([]byte{b})
		}
	}
	d := pair(t, time.Second, script("shell_v2", shellReply, slowly))
	if out, err := d.Run(t.Context(), "x"); err != nil || string(out.Stdout) != "out!" || out.Code != 7 {
		t.Errorf("%+v, %v", out, err)
	}
	var got bytes.Buffer
	d = pair(t, time.Second, script("", pullReply, slowly))
	if err := d.Pull(t.Context(), "/x", &got); err != nil || got.String() != "abcd" {
		t.Errorf("%q, %v", got.String(), err)
	}
}

// TestGarbage answers what is no answer.
func TestGarbage(t *testing.T) {
	for name, reply := range map[string]string{
		"no adb":            "HTTP/1.1 400 Bad Request\r\n\r\n",
		"length":            "FAILzzzz",
		"packet":            "OKAYOKAY\x09\x00\x00\x00\x00",
		"huge packet":       "OKAYOKAY\x01\xff\xff\xff\xff",
		"no exit code":      "OKAYOKAY\x03\x00\x00\x00\x00",
		"two exit codes":    "OKAYOKAY\x03\x02\x00\x00\x00ab",
		"refused transport": fake.Fail("device 'SERIAL' not found"),
		"refused service":   "OKAY" + fake.Fail("closed"),
		"chunk":             "OKAYOKAYDATA\xff\xff\xff\x7f",
		"no chunk":          "OKAYOKAYDENT\x00\x00\x00\x00",
	} {
		d := pair(t, time.Second, script("shell_v2", reply, func(c *fake.AdbConn, text string) { fmt.Fprint(c, text); hold(c) }))
		if _, err := d.Run(t.Context(), "x"); !errors.Is(err, drivers.ErrLost) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: run: %v", name, err)
		}
		// Half an answer may be waited for as long as the link lives.
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		for _, err := range []error{d.Pull(ctx, "/x", io.Discard), d.Push(ctx, "/x", 0o644, strings.NewReader("x"))} {
			if !errors.Is(err, drivers.ErrLost) && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		}
		cancel()
	}
}

// TestRefusals finds out what a refusal means.
func TestRefusals(t *testing.T) {
	for reason, want := range map[string]adb.State{
		"device 'SERIAL' not found": adb.Absent,
		"device offline":            adb.Offline,
		"device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\nTry 'adb kill-server' if that seems wrong.\nOtherwise check for a confirmation dialog on your device.": adb.Unauthorized,
		"device still authorizing": adb.Authorizing,
		"device still connecting":  adb.Connecting,
		"insufficient permissions for device: user in plugdev group; are your udev rules wrong?\nSee [http://developer.android.com/tools/device.html] for more information": adb.NoPermissions,
	} {
		d := pair(t, time.Second, script("shell_v2", fake.Fail(reason), func(c *fake.AdbConn, text string) { fmt.Fprint(c, text) }))
		_, err := d.Run(t.Context(), "x")
		var state *adb.StateError
		if !errors.As(err, &state) || state.State != want || !errors.Is(err, drivers.ErrLost) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want state %s", reason, err, want)
		}
	}
	d := pair(t, time.Second, script("", "OKAYOKAYFAIL\x26\x00\x00\x00open failed: No such file or directory", func(c *fake.AdbConn, text string) { fmt.Fprint(c, text); hold(c) }))
	if err := d.Pull(t.Context(), "/x", io.Discard); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, drivers.ErrLost) {
		t.Errorf("pull: %v", err)
	}
}

// TestReadyStates returns at once where a person is needed, and waits where not.
func TestReadyStates(t *testing.T) {
	for line, wait := range map[string]bool{
		"SERIAL\tunauthorized\n": false,
		"SERIAL\trecovery\n":     false,
		"SERIAL\tbootloader\n":   false,
		"SERIAL  no permissions (user in plugdev group; are your udev rules wrong?); see [http://x] usb:1-1 transport_id:3\n": false,
		"SERIAL\toffline\n":     true,
		"SERIAL\tauthorizing\n": true,
		"OTHER\tdevice\n":       true,
		"":                      true,
	} {
		d := pair(t, time.Second, script("", line, func(c *fake.AdbConn, text string) { fmt.Fprint(c, "OKAY"+fake.Text(text)) }))
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := d.Ready(ctx)
		cancel()
		if !errors.Is(err, drivers.ErrLost) || errors.Is(err, context.DeadlineExceeded) != wait {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// TestSlow finds a server that accepts and says nothing.
func TestSlow(t *testing.T) {
	d := pair(t, 100*time.Millisecond, hold)
	begin := time.Now()
	_, err := d.Run(t.Context(), "x")
	if took := time.Since(begin); !errors.Is(err, drivers.ErrLost) || took > time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

// TestOldDevice runs programs on a device without shell_v2.
func TestOldDevice(t *testing.T) {
	old := func(reply func(token string) string) func(*fake.AdbConn) {
		return func(c *fake.AdbConn) {
			request, _ := c.Request()
			if strings.HasSuffix(request, ":features") {
				fmt.Fprint(c, "OKAY"+fake.Text(""))
				return
			}
			fmt.Fprint(c, "OKAY")
			request, _ = c.Request()
			_, token, _ := strings.Cut(request, "; echo ")
			fmt.Fprint(c, "OKAY"+reply(strings.TrimSuffix(token, "$?")))
			_ = c.Conn.(*net.TCPConn).CloseWrite()
			hold(c)
		}
	}
	long := strings.Repeat("0123456789", 100_000)
	for name, test := range map[string]struct {
		reply func(token string) string
		want  string
		code  int
		lost  bool
	}{
		"empty":     {func(token string) string { return token + "0\n" }, "", 0, false},
		"text":      {func(token string) string { return "a\nb" + token + "255\n" }, "a\nb", 255, false},
		"long":      {func(token string) string { return long + token + "3\r\n" }, long, 3, false},
		"cut early": {func(token string) string { return "a" + token[:10] }, "", 0, true},
		"cut late":  {func(token string) string { return "a" + token + "25" }, "", 0, true},
		"no code":   {func(token string) string { return "a" + token + "\n" }, "", 0, true},
		"nothing":   {func(token string) string { return "" }, "", 0, true},
		"no mark":   {func(token string) string { return long }, "", 0, true},
	} {
		var said []string
		s, err := fake.NewAdbServer(old(test.reply))
		if err != nil {
			t.Fatal(err)
		}
		d, err := adb.New(adb.Config{Server: &adb.Server{Addr: s.Addr}, Serial: "SERIAL", Note: func(kind string, keys map[string]any) { said = append(said, fmt.Sprint(kind, keys)) }})
		if err != nil {
			t.Fatal(err)
		}
		out, err := d.Run(t.Context(), "x")
		if test.lost != errors.Is(err, drivers.ErrLost) || !test.lost && err != nil || string(out.Stdout) != test.want || out.Code != test.code {
			t.Errorf("%s: %d bytes, %d, %v", name, len(out.Stdout), out.Code, err)
		}
		if len(said) != 1 || !strings.Contains(said[0], "mixed") {
			t.Errorf("%s: the journal was told %q", name, said)
		}
		if _, err := d.RunInput(t.Context(), strings.NewReader("x"), "cat"); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("input: %v", err)
		}
		s.Close()
	}
}

// TestStreamEnds tells the three ends of a stream apart.
func TestStreamEnds(t *testing.T) {
	for name, test := range map[string]struct {
		reply string
		check func(error) bool
	}{
		"zero": {"OKAYOKAY\x01\x01\x00\x00\x00a\x03\x01\x00\x00\x00\x00", func(err error) bool { return err == nil }},
		"code": {"OKAYOKAY\x01\x01\x00\x00\x00a\x02\x02\x00\x00\x00no\x03\x01\x00\x00\x00\x05", func(err error) bool {
			var exit *drivers.ExitError
			return errors.As(err, &exit) && exit.Code == 5 && string(exit.Stderr) == "no"
		}},
		"lost": {"OKAYOKAY\x01\x01\x00\x00\x00a", func(err error) bool { return errors.Is(err, drivers.ErrLost) }},
	} {
		d := pair(t, time.Second, script("shell_v2", test.reply, func(c *fake.AdbConn, text string) { fmt.Fprint(c, text) }))
		r, err := d.Stream(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if string(got) != "a" || !test.check(err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		r.Close()
	}
}

// TestTooLong refuses what the protocol cannot say.
func TestTooLong(t *testing.T) {
	d := pair(t, time.Second, script("shell_v2", "OKAY", func(c *fake.AdbConn, text string) { fmt.Fprint(c, text); hold(c) }))
	if _, err := d.Run(t.Context(), "echo", strings.Repeat("x", 70_000)); err == nil || !strings.Contains(err.Error(), "push a script") {
		t.Errorf("a long command: %v", err)
	}
	if err := d.Pull(t.Context(), "/"+strings.Repeat("x", 2000), io.Discard); err == nil || !strings.Contains(err.Error(), "1024") {
		t.Errorf("a long path: %v", err)
	}
	for serial, want := range map[string]string{"": "", "a b": "", "ABC": "ABC", "192.0.2.1": "192.0.2.1:5555", "2001:db8::1": "[2001:db8::1]:5555", "rc.lab:5": "rc.lab:5"} {
		d, err := adb.New(adb.Config{Serial: serial})
		if (want == "") != (err != nil) || err == nil && d.Serial() != want {
			t.Errorf("%q: %v, %v", serial, d, err)
		}
	}
}

// FuzzDevices reads lists of devices: a value or an error.
func FuzzDevices(f *testing.F) {
	f.Add("0123456789ABCDEF       device usb:1-3.2 product:rm510b model:RM510B device:rm510 transport_id:4\n192.168.1.5:5555\toffline\n")
	f.Add("(no serial number)     no permissions (user in plugdev group; are your udev rules wrong?); see [http://x] usb:1-1 transport_id:3\n")
	f.Add("x\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := adb.ParseDevices(text)
		if err != nil && list != nil {
			t.Errorf("%v and %v", list, err)
		}
		for _, l := range list {
			if l.Serial == "" || l.State == "" {
				t.Errorf("%+v of %q", l, text)
			}
		}
	})
}

func TestParseDevices(t *testing.T) {
	got, err := adb.ParseDevices("0123456789ABCDEF       device usb:1-3.2 product:rm510b model:RM510B device:rm510 transport_id:4\n" +
		"192.168.1.5:5555\toffline\n" +
		"(no serial number)     no permissions (user in plugdev group; are your udev rules wrong?); see [http://x] usb:1-1 transport_id:3\n")
	want := []adb.Listed{
		{"0123456789ABCDEF", adb.Online, "rm510b", "RM510B", "rm510", "1-3.2", 4},
		{"192.168.1.5:5555", adb.Offline, "", "", "", "", 0},
		{"(no serial number)", adb.NoPermissions, "", "", "", "1-1", 3},
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

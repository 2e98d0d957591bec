package transcript_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/fake"
	"github.com/spanrig/spanrig/drivers/transcript"
)

// dialogue calls a bridge in every way and gives what came back.
func dialogue(ctx context.Context, b drivers.Bridge) []string {
	var said []string
	say := func(v ...any) { said = append(said, fmt.Sprintf("%q", v)) }
	for _, argv := range [][]string{{"count"}, {"count"}, {"raw", "\xff\xfe"}, {"login", "hunter2"}, {"none"}} {
		out, err := b.Run(ctx, argv...)
		say(out.Stdout, out.Stderr, out.Code, err)
	}
	for _, argv := range [][]string{{"raw", "x"}, {"fails"}} {
		r, err := b.Stream(ctx, argv...)
		if err != nil {
			say(err)
			continue
		}
		got, err := io.ReadAll(r)
		say(got, err)
		r.Close()
	}
	for _, path := range []string{"/a", "/b"} {
		var w bytes.Buffer
		err := b.Pull(ctx, path, &w)
		say(w.Bytes(), errors.Is(err, fs.ErrNotExist))
	}
	say(b.Push(ctx, "/c", 0o644, strings.NewReader("pushed")))
	err := b.Reboot(ctx)
	_, lost := b.Run(ctx, "after")
	say(err, errors.Is(lost, drivers.ErrLost), b.Ready(ctx))
	return said
}

func device() *fake.Bridge {
	n := 0
	return &fake.Bridge{
		Files: map[string][]byte{"/a": []byte("\x00\x80file")},
		Programs: map[string]fake.Program{
			"count": func(context.Context, []string) drivers.Output {
				n++
				return drivers.Output{Stdout: fmt.Append(nil, n)}
			},
			"raw": func(context.Context, []string) drivers.Output {
				return drivers.Output{Stdout: []byte("\xff\x00\n\u2028<&>"), Stderr: []byte{0x80}, Code: 0}
			},
			"login": func(_ context.Context, argv []string) drivers.Output {
				return drivers.Output{Stdout: []byte("hello " + argv[1])}
			},
			"fails": func(context.Context, []string) drivers.Output {
				return drivers.Output{Stdout: []byte("part"), Stderr: []byte("no"), Code: 3}
			},
			"after": fake.Prints(""),
		},
	}
}

// TestThereAndBack plays what was recorded: the same results, byte for byte,
// but for the secret.
func TestThereAndBack(t *testing.T) {
	var file bytes.Buffer
	rec, err := transcript.NewRecorder(device(), &file, transcript.Header{Device: "fake"}, "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	live := dialogue(t.Context(), rec)
	if rec.Err() != nil || bytes.Contains(file.Bytes(), []byte("hunter2")) {
		t.Fatalf("%v\n%s", rec.Err(), file.Bytes())
	}
	player, err := transcript.NewPlayer(bytes.NewReader(file.Bytes()), "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	played := dialogue(t.Context(), player)
	for i := range live {
		if want := strings.ReplaceAll(live[i], "hunter2", "***"); played[i] != want {
			t.Errorf("call %d:\n%s\nwant\n%s", i, played[i], want)
		}
	}
	if player.Header.Device != "fake" || player.Header.Recorded.IsZero() {
		t.Errorf("%+v", player.Header)
	}
	var miss *transcript.MissError
	if _, err := player.Run(t.Context(), "never"); !errors.As(err, &miss) {
		t.Errorf("a call that was not recorded: %v", err)
	}
	if out, err := player.Run(t.Context(), "count"); err != nil || string(out.Stdout) != "2" {
		t.Errorf("the last answer again: %q, %v", out.Stdout, err)
	}
}

// TestTooLong keeps the beginning of much, and does not play it as the whole.
func TestTooLong(t *testing.T) {
	b := &fake.Bridge{Programs: map[string]fake.Program{"much": fake.Prints(strings.Repeat("x", 5<<20))}}
	var file bytes.Buffer
	rec, err := transcript.NewRecorder(b, &file, transcript.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := rec.Run(t.Context(), "much"); err != nil || len(out.Stdout) != 5<<20 {
		t.Errorf("%d bytes, %v", len(out.Stdout), err)
	}
	player, err := transcript.NewPlayer(&file)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := player.Run(t.Context(), "much"); err == nil {
		t.Errorf("%d bytes as the whole", len(out.Stdout))
	}
}

// TestFull goes on where the transcript cannot be written.
func TestFull(t *testing.T) {
	b := device()
	rec, err := transcript.NewRecorder(b, full{}, transcript.Header{})
	if err == nil {
		t.Fatal("the header was written")
	}
	if out, err := rec.Run(t.Context(), "count"); err != nil || string(out.Stdout) != "1" || rec.Err() == nil {
		t.Errorf("%q, %v, %v", out.Stdout, err, rec.Err())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// FuzzPlayer reads any file: a player or an error, and what it plays can be
// called.
func FuzzPlayer(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"schema":1}`,
		`{"schema":1,"device":"x","recorded":"2026-01-01T00:00:00Z"}` + "\n" + `{"do":"run","argv":["x",{"base64":"/w=="}],"stdout":{"base64":"AP8="},"code":3,"ms":1}`,
		`{"schema":1}` + "\n" + `{"do":"run","argv":["x"],"kind":"lost"}` + "\n" + `{"do":"stream","argv":["x"],"cut":true}`,
		`{"schema":1}` + "\n" + `{"do":"fly"}`, `{"schema":1}` + "\n" + `{"do":"run","argv":[null]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := transcript.NewPlayer(bytes.NewReader(file))
		if (p == nil) != (err != nil) {
			t.Fatalf("%v and %v", p, err)
		}
		if err != nil {
			return
		}
		out, err := p.Run(t.Context(), "x")
		if err != nil && !reflect.DeepEqual(out, drivers.Output{}) {
			t.Errorf("%+v and %v", out, err)
		}
	})
}

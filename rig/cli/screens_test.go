package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// eyes is a controller that can list what is on the screen, and no more.
type eyes struct{ drivers.Controller }

func (eyes) Survey(_ context.Context, _, stem string) (selectors, files []string, err error) {
	return []string{"{text: Home}"}, []string{stem + ".png"}, nil
}

const eyesBench = `schema: 1
name: eyes
device: {driver: eyes, macs: ["02:00:5e:00:00:77"]}
span: {interfaces: [span-eyes]}
control: {by_rig: true}
`

// TestScreens: screens are kept until q, the end of the input, or Ctrl-C, also
// where nobody presses Enter any more.
func TestScreens(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "eyes.yaml")
	if err := os.WriteFile(file, []byte(eyesBench), 0o600); err != nil {
		t.Fatal(err)
	}
	own := benchfile.Drivers{Controllers: map[string]func(context.Context, *benchfile.Bench, benchfile.Tools) (drivers.Controller, error){
		"eyes": func(context.Context, *benchfile.Bench, benchfile.Tools) (drivers.Controller, error) {
			return eyes{}, nil
		},
	}}
	open, _ := io.Pipe() // nothing ever comes
	for _, one := range []struct {
		in   io.Reader
		out  string
		code int
	}{
		{strings.NewReader("main menu\n\nq\nnot this\n"), "# 01-main-menu.png\n{text: Home}\n# 02.png\n{text: Home}\n", exitPass},
		{strings.NewReader("x\n"), "# 01-x.png\n{text: Home}\n", exitPass},
		{open, "", exitInterrupted},
	} {
		var out strings.Builder
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		code := make(chan int, 1)
		go func() {
			code <- Main(ctx, []string{"bench", "screens", file, "-o", dir}, Streams{In: one.in, Out: &out, Err: io.Discard}, own)
		}()
		select {
		case got := <-code:
			if got != one.code || out.String() != one.out {
				t.Errorf("exit %d, %q, want %d, %q", got, out.String(), one.code, one.out)
			}
		case <-time.After(5 * time.Second):
			t.Error("it does not end")
		}
		cancel()
	}
}

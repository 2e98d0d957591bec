package record

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spanrig/spanrig/rig/plan"
)

// window is one line of windows.json.
type window struct {
	Name     string            `json:"name"`
	Mode     string            `json:"mode"`
	From     time.Time         `json:"from"`
	To       time.Time         `json:"to"`
	Guard    float64           `json:"guard_s"`
	Every    float64           `json:"control_every_s"`
	Stimulus string            `json:"stimulus"`
	Repeat   int               `json:"repeat"`
	Services map[string]string `json:"services,omitempty"`
}

func newWindow(w plan.Window, from time.Time) window {
	return window{Name: w.Name, Mode: string(w.Mode), From: from.UTC(), Guard: w.Guard.Seconds(), Every: w.Every.Seconds(),
		Stimulus: w.Stimulus, Services: w.Services}
}

// windowsFile keeps windows.json true from a goroutine of its own: the latest
// list is what counts.
type windowsFile struct {
	path   string
	latest chan []byte
	done   chan error
}

func newWindowsFile(dir string) (*windowsFile, error) {
	w := &windowsFile{path: filepath.Join(dir, "windows.json"), latest: make(chan []byte, 1), done: make(chan error, 1)}
	first, err := windowsText([]window{})
	if err == nil {
		err = replaceFile(w.path, first)
	}
	if err != nil {
		return nil, err
	}
	go func() {
		var failed error
		for text := range w.latest {
			if failed = replaceFile(w.path, text); failed != nil {
				failed = fmt.Errorf("windows.json: %w", failed)
			}
		}
		w.done <- failed
	}()
	return w, nil
}

func windowsText(list []window) ([]byte, error) {
	b, err := json.Marshal(map[string]any{"schema": 1, "windows": list})
	return append(b, '\n'), err
}

// set takes the list as it is now. It is for one goroutine.
func (w *windowsFile) set(list []window) {
	text, err := windowsText(list)
	if err != nil {
		return // a window is made of texts, numbers and times
	}
	select {
	case <-w.latest: // nobody needs that one any more
	default:
	}
	w.latest <- text
}

// close writes the latest list and says whether one could not be written.
func (w *windowsFile) close() error {
	close(w.latest)
	return <-w.done
}

func makeDir(dir string) error { return os.MkdirAll(dir, 0o700) }

// save writes a file of the recording so that at every moment, also after a
// power cut, either the old content or the new is there.
func (s *Session) save(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return replaceFile(filepath.Join(s.config.Dir, name), append(b, '\n'))
}

func replaceFile(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncFolder(dir)
}

// syncFolder makes the names in a folder survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

package synth

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

const capturedOn = "span0"

// Provenance stands in every capture that synth writes.
const Provenance = "synthetic: made by captures/synth, no device and no network involved"

// Inventory is inventory.json: contract section 7.
type Inventory struct {
	Schema    int            `json:"schema"`
	Device    Controller     `json:"device"`
	App       Package        `json:"app"`
	Aircraft  Aircraft       `json:"aircraft"`
	LAN       []string       `json:"lan,omitempty"`
	Resolvers []string       `json:"resolvers,omitempty"`
	Vantage   string         `json:"vantage"`
	Host      map[string]any `json:"host"`
}

// Controller is the device part of an inventory.
type Controller struct {
	Model    string   `json:"model"`
	Serial   string   `json:"serial"`
	Firmware string   `json:"firmware"`
	MACs     []string `json:"macs"`
}

// Package is the app part of an inventory.
type Package struct {
	Package string `json:"package"`
	Version string `json:"version"`
	UID     int    `json:"uid"`
}

// Aircraft is the aircraft part of an inventory.
type Aircraft struct {
	Model    string `json:"model"`
	Firmware string `json:"firmware"`
}

// Serial is the serial number of the made-up device.
const Serial = "SYNTH0RC0PRO0042"

func inventory() Inventory {
	return Inventory{
		Schema:    1,
		Device:    Controller{"RM510B", Serial, "02.01.0507", []string{macText(Device.MAC)}},
		App:       Package{"com.dji.industry.pilot", "10.1.0.30", 10123},
		Aircraft:  Aircraft{"WM265T", "01.00.0800"},
		LAN:       []string{lan4.String(), lan6.String()},
		Resolvers: []string{Router.V4.String()},
		Vantage:   "US",
		Host:      map[string]any{"provenance": Provenance},
	}
}

func macText(m captures.MAC) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// span is one window of windows.json.
type span struct {
	Name     string            `json:"name"`
	Mode     string            `json:"mode"`
	From     string            `json:"from"`
	To       string            `json:"to"`
	Guard    float64           `json:"guard_s"`
	Every    float64           `json:"control_every_s"`
	Stimulus string            `json:"stimulus"`
	Repeat   int               `json:"repeat"`
	Services map[string]string `json:"services,omitempty"`

	to time.Time
}

// Files returns the files of the recording folder by name.
func (r *Recording) Files() map[string][]byte {
	r.finish()
	windows := map[string]any{"schema": 1, "windows": r.windows}
	files := map[string][]byte{
		"inventory.json": append(encode(r.Inventory), '\n'),
		"windows.json":   append(encode(windows), '\n'),
		"journal.jsonl":  r.damage.cut(r.journalFile()),
	}
	if r.damage.noJournal {
		delete(files, "journal.jsonl")
	}
	frames := r.sorted()
	if r.parts == 0 {
		files["capture.pcapng"] = r.capture(frames)
		return files
	}
	for i := range r.parts {
		part := frames[i*len(frames)/r.parts : (i+1)*len(frames)/r.parts]
		files[fmt.Sprintf("capture-%04d.pcapng", i+1)] = r.capture(part)
	}
	return files
}

// Save writes the recording folder dir/NAME and returns its path.
func (r *Recording) Save(dir string) (string, error) {
	path := filepath.Join(dir, r.Name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	files := r.Files()
	for _, name := range sortedKeys(files) {
		if err := os.WriteFile(filepath.Join(path, name), files[name], 0o600); err != nil {
			return "", err
		}
	}
	return path, nil
}

// finish writes the last lines of the journal, once.
func (r *Recording) finish() {
	r.attach()
	if r.damage.finished {
		return
	}
	r.damage.finished = true
	r.log(r.now, "step", map[string]any{"step": "stop"})
	r.now = r.now.Add(time.Second)
	r.log(r.now, "routes", routes(r.damage.cellularAtEnd, r.damage.dummy))
	r.log(r.now, "stats", r.statistics(r.now))
	r.log(r.now, "end", map[string]any{})
	r.journal = slices.DeleteFunc(r.journal, r.damage.loses)
}

// capture is the capture file that holds the frames.
func (r *Recording) capture(list []frame) []byte {
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file, pcapfile.WriterOptions{Application: "spanrig captures/synth", Comment: Provenance})
	check(err)
	_, err = w.AddInterface(pcapfile.Interface{Name: capturedOn, Link: captures.LinkEthernet, Snaplen: r.snaplen})
	check(err)
	for _, f := range list {
		b := f.data
		if r.snaplen > 0 && len(b) > int(r.snaplen) {
			b = b[:r.snaplen]
		}
		check(w.WriteFrame(&captures.Frame{Time: f.at.UnixNano(), Length: uint32(f.wire), Data: b}))
	}
	check(w.WriteStats(0, r.now.UnixNano(), captures.InterfaceStats{Received: uint64(len(list)), Dropped: r.damage.interfaceDrops}))
	check(w.Flush())
	return file.Bytes()[:file.Len()-r.damage.truncated]
}

// check is for writing to memory, which cannot fail but for a mistake in a script.
func check(err error) {
	if err != nil {
		panic("synth: " + err.Error())
	}
}

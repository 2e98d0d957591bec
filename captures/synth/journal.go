package synth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// entry is one line of the journal before it has its number.
type entry struct {
	at   time.Time
	kind string
	body any // a JSON object, or a function that gives it when the recording is whole
}

// log adds a line; Save sorts by time.
func (r *Recording) log(at time.Time, kind string, body any) {
	r.journal = append(r.journal, entry{at, kind, body})
}

// line is what every line of journal.jsonl begins with.
type line struct {
	Seq  int    `json:"seq"`
	Time string `json:"time"`
	Mono int64  `json:"mono_ns"`
	Kind string `json:"kind"`
	Prev string `json:"prev"`
}

// journalFile is the chained journal: contract section 7.
func (r *Recording) journalFile() []byte {
	list := slices.Clone(r.journal)
	slices.SortStableFunc(list, func(a, b entry) int { return a.at.Compare(b.at) })
	var file bytes.Buffer
	prev := ""
	for i, e := range list {
		head := encode(line{i + 1, e.at.Format(time.RFC3339Nano), e.at.Sub(begin).Nanoseconds(), e.kind, prev})
		text := head
		if late, ok := e.body.(func() map[string]any); ok {
			e.body = late()
		}
		if body := encode(e.body); len(body) > 2 {
			text = concat(head[:len(head)-1], []byte{','}, body[1:])
		}
		sum := sha256.Sum256(text)
		prev = hex.EncodeToString(sum[:])
		if r.damage.chain && i == len(list)/2 {
			text = bytes.Replace(text, []byte(`"kind":`), []byte(`"edited":true,"kind":`), 1)
		}
		file.Write(text)
		file.WriteByte('\n')
	}
	return file.Bytes()
}

// encode is json.Marshal for values that always have a form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("synth: " + err.Error())
	}
	return b
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// route is the state of one interface of the device.
type route struct {
	Name     string `json:"name"`
	Up       bool   `json:"up"`
	Default4 bool   `json:"default4"`
	Default6 bool   `json:"default6"`
}

// routes is the body of a routes line. cellular gives the modem a default
// route, dummy gives one to lo and dummy0, which lead nowhere.
func routes(cellular, dummy bool) map[string]any {
	list := []route{{"lo", true, dummy, dummy}, {"dummy0", true, dummy, dummy}, {"wlan0", true, true, true}, {"rmnet0", cellular, cellular, false}}
	return map[string]any{"interfaces": list, "captured": "wlan0"}
}

// statistics is the body of a stats line at the time.
func (r *Recording) statistics(at time.Time) func() map[string]any {
	return func() map[string]any {
		n, windows := 0, 0
		for i := range r.frames {
			if r.frames[i].at.Before(at) {
				n++
			}
		}
		for i := range r.windows {
			if !at.Before(r.windows[i].to) {
				windows++
			}
		}
		return map[string]any{"interface": capturedOn, "received": n, "dropped": windows * r.damage.dropped, "freezes": windows * r.damage.freezes}
	}
}

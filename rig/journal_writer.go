package rig

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// A JournalWriter appends chained lines to a journal. It is for one goroutine
// at a time.
type JournalWriter struct {
	w    io.Writer
	seq  uint64
	prev string
}

// NewJournalWriter begins a journal in w, which is empty.
func NewJournalWriter(w io.Writer) *JournalWriter { return &JournalWriter{w: w} }

// Append writes one line with one call of Write, so that a line that is there
// is whole but for the last. keys is a struct or map with the kind's own keys,
// or nil; mono counts from any fixed moment of the rig's monotonic clock. After
// an error of Write the journal may hold a torn line: write no more to it.
func (j *JournalWriter) Append(at time.Time, mono time.Duration, kind string, keys any) error {
	own := map[string]json.RawMessage{}
	if keys != nil {
		b, err := json.Marshal(keys)
		if err == nil {
			err = json.Unmarshal(b, &own)
		}
		if err != nil {
			return fmt.Errorf("journal line of kind %s: %w", kind, err)
		}
	}
	for _, k := range reserved {
		if _, taken := own[k]; taken {
			return fmt.Errorf("journal line of kind %s: key %q belongs to the line", kind, k)
		}
	}
	line, err := j.line(at, mono, kind, own)
	if err != nil {
		return err
	}
	if _, err := j.w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.seq++
	j.prev = chainSum(line)
	return nil
}

// line prints the keys that every line has, then the kind's own in order.
func (j *JournalWriter) line(at time.Time, mono time.Duration, kind string, own map[string]json.RawMessage) ([]byte, error) {
	line, err := json.Marshal(struct {
		Seq  uint64 `json:"seq"`
		Time string `json:"time"`
		Mono int64  `json:"mono_ns"`
		Kind string `json:"kind"`
		Prev string `json:"prev"`
	}{j.seq + 1, at.UTC().Format(time.RFC3339Nano), mono.Nanoseconds(), kind, j.prev})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(own))
	for k := range own {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		name, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		line = append(append(line[:len(line)-1], ','), name...)
		line = append(append(append(line, ':'), own[k]...), '}')
	}
	return line, nil
}

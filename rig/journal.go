package rig

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Kinds of journal lines that a verdict reads.
const (
	KindControl   = "control"
	KindMode      = "mode"
	KindApp       = "app"
	KindRoutes    = "routes"
	KindStats     = "stats"
	KindClock     = "clock"
	KindStimulus  = "stimulus"
	KindService   = "service"
	KindStep      = "step"
	KindEnd       = "end"
	KindSocket    = "socket"
	KindFiles     = "files"
	KindProving   = "proving"
	KindSkipped   = "skipped"
	KindScreen    = "screen"
	KindClockStep = "clock_step"
)

// Entry is one line of a journal.
type Entry struct {
	Seq  uint64
	Time int64 // ns since the Unix epoch
	Mono int64 // ns of the rig's monotonic clock
	Kind string
	Line []byte // the whole line without its newline, with every key it has
}

// Journal is what the rig did and read back, line by line, with typed views of
// the kinds that verdicts need. Views are in the order of the lines.
type Journal struct {
	Entries    []Entry
	Controls   []ControlTry
	Modes      []ModeReading
	Apps       []AppReading
	Routes     []RoutesReading
	Stats      []StatsReading
	Clocks     []ClockReading
	Stimuli    []StimulusRun
	Services   []ServiceSwitch
	Steps      []Step
	Sockets    []SocketReading
	Files      []CaptureFile
	Proving    []Attempt
	Skipped    []SkippedWindow
	ClockSteps []ClockStep
	Ended      bool // has an end line; else the rig was interrupted
	Torn       bool // the last line was cut while it was written; it is left out
}

// Last is the time of the last line; 0 where there is none.
func (j *Journal) Last() int64 {
	if len(j.Entries) == 0 {
		return 0
	}
	return j.Entries[len(j.Entries)-1].Time
}

// Head is the SHA-256 of the last whole line, lower-case hex: the end of the
// hash chain, which stands for all lines; empty where there is none.
func (j *Journal) Head() string {
	if len(j.Entries) == 0 {
		return ""
	}
	return chainSum(j.Entries[len(j.Entries)-1].Line)
}

const journalFile = "journal.jsonl"

// ParseJournal reads journal.jsonl and verifies its hash chain. The error is a
// *ChainError where the chain is broken, else a *FileError. A last line that
// was cut while it was written breaks nothing: it is left out, and the journal
// has no end.
func ParseJournal(b []byte) (*Journal, error) {
	j := new(Journal)
	var lines [][]byte
	if text := bytes.TrimRight(b, "\n"); len(text) > 0 { // blank lines at the end say nothing
		lines = bytes.Split(text, []byte("\n"))
	}
	prev := ""
	for i, line := range lines {
		head, err := parseHead(line)
		last := i == len(lines)-1
		if err != nil && last && i > 0 && !bytes.HasSuffix(b, []byte("\n")) {
			j.Torn = true
			break
		}
		if err != nil {
			if !last && !linked(lines[i+1], line) {
				return nil, &ChainError{journalFile, i + 1, "the line is not what the next one was chained to"}
			}
			return nil, &FileError{journalFile, i + 1, err}
		}
		if err := head.follows(prev, j.Entries); err != "" {
			return nil, &ChainError{journalFile, i + 1, err}
		}
		if err := j.add(head.entry(line)); err != nil {
			return nil, &FileError{journalFile, i + 1, fmt.Errorf("kind %s: %w", head.Kind, err)}
		}
		prev = chainSum(line)
	}
	return j, nil
}

// head is what every line begins with.
type head struct {
	Seq  *uint64 `json:"seq"`
	Time string  `json:"time"`
	Mono int64   `json:"mono_ns"`
	Kind string  `json:"kind"`
	Prev *string `json:"prev"`
	time int64
}

func parseHead(line []byte) (h head, err error) {
	if err := json.Unmarshal(line, &h); err != nil {
		return h, plainJSON(err)
	}
	switch {
	case h.Seq == nil:
		return h, errors.New("it has no seq")
	case h.Prev == nil:
		return h, errors.New("it has no prev")
	case h.Kind == "":
		return h, errors.New("it has no kind")
	}
	if h.time, err = parseTime(h.Time); err != nil {
		return h, fmt.Errorf("time: %w", err)
	}
	return h, nil
}

// follows says what is wrong where the line does not follow those before it.
func (h *head) follows(prev string, before []Entry) string {
	if *h.Prev != prev {
		return "prev is not the SHA-256 of the line before"
	}
	if n := len(before); n > 0 && *h.Seq != before[n-1].Seq+1 {
		return fmt.Sprintf("seq %d follows %d", *h.Seq, before[n-1].Seq)
	}
	return ""
}

func (h *head) entry(line []byte) Entry {
	return Entry{Seq: *h.Seq, Time: h.time, Mono: h.Mono, Kind: h.Kind, Line: line}
}

// linked reports whether next was chained to line.
func linked(next, line []byte) bool {
	h, err := parseHead(next)
	return err != nil || *h.Prev == chainSum(line)
}

func chainSum(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

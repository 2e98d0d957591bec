package policy

// Result is a verdict's value. The zero value is no result.
type Result string

// In rising order of how much they weigh in the whole: pass, inconclusive, error, fail.
const (
	Pass         Result = "pass"
	Inconclusive Result = "inconclusive"
	Errored      Result = "error"
	Fail         Result = "fail"
)

// Report is the outcome of judging one recording: contract section 4.
type Report struct {
	Schema    int          `json:"schema"`
	Result    Result       `json:"result"`
	Recording RecordingRef `json:"recording"`
	Policy    FileRef      `json:"policy"`
	Baseline  *FileRef     `json:"baseline,omitempty"`
	Databases []FileRef    `json:"databases"`
	Trust     string       `json:"trust"`
	Windows   []WindowFit  `json:"windows"`
	Verdicts  []Verdict    `json:"verdicts"`
	NotJudged []NotJudged  `json:"not_judged"`
	Notes     []string     `json:"notes,omitempty"` // what a reader must know beside the verdicts
	Listed    []Listed     `json:"listed,omitempty"`
}

// RecordingRef names the recording: base name, and SHA-256 over its files.
type RecordingRef struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// FileRef names a file by base name and digest.
type FileRef struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Built  string `json:"built,omitempty"` // build date of a database, RFC 3339
}

// WindowFit is a window with its fitness checks.
type WindowFit struct {
	Name    string  `json:"name"`
	Mode    string  `json:"mode"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Fit     bool    `json:"fit"`
	Fitness []Check `json:"fitness"`
}

// Check is one fitness check: CAP-1, CAP-2, CAP-3, MODE-1, APP-1, CTRL-1.
type Check struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Saw   string `json:"saw"`
}

// Verdict is the outcome of one claim in one window.
type Verdict struct {
	Claim    string     `json:"claim"`
	Window   string     `json:"window"`
	Result   Result     `json:"result"`
	Because  string     `json:"because"`
	Evidence []Evidence `json:"evidence"`
	Waiver   *Waiver    `json:"waiver,omitempty"`
}

// Evidence points to a flow and the frames of it that decided. Detail tells a
// person what it is (endpoint, name, party). Where the recording has several
// capture files, File is the one in which the flow begins and Flow is counted;
// FramesFile is that of the frames where it is another.
type Evidence struct {
	Flow       uint64   `json:"flow"`
	File       string   `json:"file,omitempty"`
	FramesFile string   `json:"frames_file,omitempty"`
	Frames     []uint64 `json:"frames"`
	Detail     string   `json:"detail,omitempty"`
}

// NotJudged is a claim without a verdict on this recording.
type NotJudged struct {
	Claim  string `json:"claim"`
	Reason string `json:"reason"`
	Kind   Kind   `json:"kind,omitempty"` // empty in reports of before it was there
}

// Kind says whether a claim could have been judged.
type Kind string

// Kinds of reasons why a claim was not judged.
const (
	NoSubject Kind = "no_subject" // the recording has nothing that the claim speaks of
	NoMeans   Kind = "no_means"   // nobody looked: it lacks the window, the attempt or the database that the claim needs
	Vouched   Kind = "vouched"    // Options.Trust stands in the place of the claim
)

// Listed is traffic that decides nothing but is not hidden: system noise,
// other stations, closing packets of old flows.
type Listed struct {
	Window     string   `json:"window,omitempty"`
	What       string   `json:"what"`
	Endpoint   string   `json:"endpoint"`
	Party      string   `json:"party,omitempty"`
	Count      uint64   `json:"count"`
	Flow       uint64   `json:"flow,omitempty"`
	File       string   `json:"file,omitempty"` // as in Evidence
	FramesFile string   `json:"frames_file,omitempty"`
	Frames     []uint64 `json:"frames,omitempty"`
}

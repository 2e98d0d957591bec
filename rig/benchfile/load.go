package benchfile

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spanrig/spanrig/drivers/controller"
	"github.com/spanrig/spanrig/fixtures"
	"github.com/spanrig/spanrig/rig/strict"
)

// Defaults of a bench file.
const (
	DefaultScript    = "dji-pilot2"
	DefaultPlan      = "quick"
	DefaultPolicy    = "dji-pilot2"
	DefaultCaptured  = "wlan0"
	DefaultServer    = "127.0.0.1:5037"
	DefaultMinFreeMB = 1000
)

// MaxScale is the largest factor for times.
const MaxScale = 100

// Load reads and checks a bench file. The error is one line that says what to
// do, where it can with line and column.
func Load(path string) (*Bench, error) {
	content, file, err := strict.File("bench file", path)
	if err != nil {
		return nil, err
	}
	b, err := Parse(file, content)
	if err != nil {
		return nil, err
	}
	if b.File, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	return b, nil
}

// Parse reads and checks the content of a bench file; file is its base name.
func Parse(file string, content []byte) (*Bench, error) {
	b, findings := strict.Decode[Bench](file, "bench file", content)
	if len(findings) > 0 {
		return nil, findings[0]
	}
	b.content = content
	if err := b.check(); err != nil {
		return nil, strict.Locate(file, content, err)
	}
	b.complete()
	return b, nil
}

// complete fills in the defaults.
func (b *Bench) complete() {
	def := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	def(&b.App.Script, DefaultScript)
	def(&b.Plan, DefaultPlan)
	def(&b.Judge.Policy, DefaultPolicy)
	def(&b.Network.Captured, DefaultCaptured)
	if b.Device.ADB != nil {
		def(&b.Device.ADB.Server, DefaultServer)
	}
	if b.Span.MinFreeMB == 0 {
		b.Span.MinFreeMB = DefaultMinFreeMB
	}
	if b.App.Pace == 0 {
		b.App.Pace = 1
	}
}

// Path makes a path of the bench file one of this process.
func (b *Bench) Path(name string) string {
	if name == "" || filepath.IsAbs(name) || b.File == "" {
		return name
	}
	return filepath.Join(filepath.Dir(b.File), name)
}

// named takes a name that may be built in: everything else is a path.
func (b *Bench) named(name string, builtin []string) string {
	for _, n := range builtin {
		if n == name {
			return name
		}
	}
	return b.Path(name)
}

// PlanName is the plan to load: a built-in name or a path.
func (b *Bench) PlanName() string {
	return b.named(b.Plan, strict.Builtin(fixtures.Plans, "plans"))
}

// PolicyName is the policy to load: a built-in name or a path.
func (b *Bench) PolicyName() string {
	return b.named(b.Judge.Policy, strict.Builtin(fixtures.Policies, "policies"))
}

// Script reads the mode script that the bench names.
func (b *Bench) Script() (*controller.Script, error) {
	return LoadScript(b.named(b.App.Script, strict.Builtin(fixtures.Modes, "modes")))
}

// LoadScript reads and checks a mode script: a built-in name or a file.
func LoadScript(name string) (*controller.Script, error) {
	content, file, err := strict.Source(fixtures.Modes, "modes", "mode script", name)
	if err != nil {
		return nil, strict.Finding{File: file, What: err.Error()}
	}
	s, findings := strict.Decode[controller.Script](file, "mode script", content)
	if len(findings) > 0 {
		return nil, findings[0]
	}
	if s.Schema != 1 {
		return nil, strict.Finding{File: file, What: fmt.Sprintf("schema %d is not known; this program reads schema: 1", s.Schema)}
	}
	if err := s.Check(); err != nil {
		var first *controller.Fault
		if errors.As(err, &first) {
			err = strict.At(err, first.Path...)
		}
		return nil, strict.Locate(file, content, err)
	}
	return s, nil
}

// errReach says how a device can be reached.
var errReach = errors.New("device: nothing says how to reach it; give adb: {serial: ...} as spanrig bench discover prints it, or operator: true where a person drives it")

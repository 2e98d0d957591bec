package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/spanrig/spanrig/rig/junit"
	"github.com/spanrig/spanrig/rig/policy"
)

// Run runs the registered specs and leaves verdicts.json and junit.xml in a
// folder of that name below the suite's Out. Call it from the one Test
// function of a package. On a bench the run fails where the rig did, whatever
// the verdicts are.
func Run(t *testing.T, s *Suite, name string) {
	t.Helper()
	gomega.RegisterFailHandler(ginkgo.Fail)
	var report types.Report
	ginkgo.ReportAfterEach(func(ginkgo.SpecReport) { s.tell() })
	ginkgo.ReportAfterSuite(name, func(r ginkgo.Report) {
		report = r
		if list := told(r); len(list) > 0 {
			ginkgo.Fail(rigFailed + ":\n" + strings.Join(list, "\n"))
		}
	})
	ginkgo.RunSpecs(t, name)
	if err := s.leave(name, report); err != nil {
		t.Errorf("write evidence: %v", err)
	}
}

func (s *Suite) leave(name string, r types.Report) error {
	dir := filepath.Join(s.out(), filepath.Base(name))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := junit.Write(&buf, suiteOf(name, r)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "junit.xml"), buf.Bytes(), 0o600); err != nil {
		return err
	}
	if s.report == nil {
		return nil
	}
	verdicts, err := json.MarshalIndent(s.report, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "verdicts.json"), append(verdicts, '\n'), 0o600)
}

func (s *Suite) out() string {
	if filepath.IsAbs(s.config.Out) {
		return s.config.Out
	}
	return filepath.Join(root(), s.config.Out)
}

// suiteOf makes the JUnit suite of a run of specs. Ginkgo's own reporter would
// call an inconclusive verdict a failure.
func suiteOf(name string, r types.Report) junit.Suite {
	s := junit.Suite{Name: name}
	for _, spec := range r.SpecReports {
		if spec.LeafNodeType != types.NodeTypeIt {
			continue
		}
		c := junit.Case{Name: spec.FullText(), Class: name, Seconds: spec.RunTime.Seconds()}
		for _, l := range spec.Labels() {
			if id, ok := strings.CutPrefix(l, "claim:"); ok {
				c.Properties = append(c.Properties, junit.Property{Name: "claim", Value: id})
			}
		}
		var text strings.Builder
		result := policy.Pass
		for _, e := range spec.ReportEntries {
			if v, ok := entryOf(e); ok {
				fmt.Fprintln(&text, v)
				if v.Result.Weight() > result.Weight() {
					result = v.Result
				}
			}
		}
		switch {
		case spec.State.Is(types.SpecStateSkipped | types.SpecStatePending):
			c.Skipped = &junit.Problem{Message: junit.Valid(spec.Failure.Message)}
		case spec.State.Is(types.SpecStateFailureStates) && result == policy.Pass:
			c.Settle(policy.Errored, junit.Valid(spec.Failure.Message), junit.Valid(text.String()))
		case spec.State.Is(types.SpecStateFailureStates):
			c.Settle(result, junit.Valid(spec.Failure.Message), junit.Valid(text.String()))
		default:
			c.Out = junit.Valid(text.String())
		}
		s.Add(c)
	}
	if list := told(r); len(list) > 0 {
		c := junit.Case{Name: troubleName, Class: name}
		c.Settle(policy.Errored, junit.Valid(rigFailed+": "+list[0]), junit.Valid(strings.Join(list, "\n")))
		s.Add(c)
	}
	return s
}

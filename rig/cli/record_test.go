package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/policy"
	"github.com/spanrig/spanrig/rig/record"
)

// TestRecorded: what became of a recording is told, also of one that could not
// be judged: what went wrong, where it is, and the exit code.
func TestRecorded(t *testing.T) {
	problem := []*record.Problem{{Window: "ldm/idle", Err: errors.New("device lost")}}
	unjudged := &exit{exitRig, errors.New("judge x: two hosts")}
	broken := errors.Join(context.Canceled, errors.New("judge x: two hosts"))
	judged := func(r policy.Result) *policy.Report {
		return &policy.Report{Result: r, Verdicts: []policy.Verdict{{Claim: "LDM-1", Result: r}}}
	}
	whole := judged(policy.Pass)
	for _, one := range []struct {
		result record.Result
		failed error
		says   string
		code   int // of record
		run    int // of run
	}{
		{record.Result{Report: whole}, nil, "recording: x\n", exitPass, exitPass},
		{record.Result{Report: judged(policy.Fail)}, nil, "recording: x\n", exitPass, 1},
		{record.Result{Report: whole, Problems: problem}, nil, "problem: window ldm/idle: device lost\nrecording: x\n", exitRig, exitRig},
		{record.Result{Report: whole}, context.Canceled, "recording: x\n", exitInterrupted, exitInterrupted},
		{record.Result{}, unjudged, "not judged: judge x: two hosts\nrecording: x\n", exitRig, exitRig},
		{record.Result{Problems: problem}, broken, "problem: window ldm/idle: device lost\nnot judged: context canceled; judge x: two hosts\nrecording: x\n", exitInterrupted, exitInterrupted},
	} {
		one.result.Dir = "x"
		var said strings.Builder
		err := recorded(&said, &one.result, one.failed)
		if said.String() != one.says || codeOf(err) != one.code {
			t.Errorf("%q, %v, want %q, exit %d", said.String(), err, one.says, one.code)
		}
		if err := verdict(err, &one.result); codeOf(err) != one.run {
			t.Errorf("run: %v, want exit %d", err, one.run)
		}
	}
}

// codeOf is the exit code of an error; one that carries none is an interruption.
func codeOf(err error) int {
	var e *exit
	switch {
	case err == nil:
		return exitPass
	case errors.As(err, &e):
		return e.code
	}
	return exitInterrupted
}

// Package suite is the glue between Ginkgo and a recording: New makes a Suite,
// Record and Windows give the windows to assert on, Run runs the specs and
// writes what they said.
//
// A spec asserts on windows. In replay the stimulus is not run: the window of
// that name is read from the recording, and one that is missing there makes
// the recording stale, which is an error and no verdict.
//
// On a bench, what went wrong with the rig and what was planned and did not
// happen is an error of its own in every process that judges the recording, as
// its journal tells: Run fails, and JUnit has a case "rig".
package suite

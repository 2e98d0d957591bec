// Package specs is the catalogue of claims as Ginkgo specs. The packages below
// it hold one topic each, as exported functions that call Describe; a lab's
// own suite imports them (see the example in specs/suite).
//
// Replay is the default: SPANRIG_REPLAY names a recording, and without it the
// repository's own clean trace is judged. SPANRIG_BENCH names a bench file: its
// plan is then recorded, once for all packages of one go test, and a package
// fails where the rig did, whatever the verdicts are. SPANRIG_POLICY names
// another policy, SPANRIG_OUT the folder for verdicts and JUnit.
package specs

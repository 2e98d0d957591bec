// Package policy holds claims and rules: a Policy is a file, the rules are
// code. Evaluate turns the facts of a recording into a Report.
//
// Call Cuts first and give what it returns to flow.Config, so that every flow
// is tallied by the times at which windows begin and end; then Evaluate. Both
// are pure functions of their arguments: the same recording, policy, baseline
// and databases give the same report, in every order of evaluation.
//
// A rule is a function from an immutable view of the recording to an outcome
// for one window. It says what it saw and no more; what an unfit capture or an
// unread mode makes of that is decided in one place (settle.go), so that no
// rule can forget it:
//
//   - presence needs no fitness: what was seen is a fail;
//   - absence does: nothing seen in an unfit window is inconclusive;
//   - where the mode was not proven, claims of that mode are inconclusive.
//
// The rules are those of contract section 5, one small file a family.
package policy

// Package policy holds claims and rules: Evaluate turns the facts of a
// recording into verdicts. A Policy is a file; the rules are code.
package policy

// Package replay judges a recording again: it opens it, walks the one road
// from frames to facts, and hands them to the rules. The command line and the
// specs both judge through Run, so that they cannot differ.
package replay

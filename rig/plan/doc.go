// Package plan says which windows a run records: in which mode, under which
// stimulus, for how long. [Load] reads a built-in plan or a file, [Plan.Expand]
// makes of it the list of windows for one bench, and [Single] is the plan of
// one window between two short standard ones.
//
// Plans are data. Silence in a mode proves something only where the app talks
// in standard mode before and after under the same stimulus, so entries that go
// "around" a mode expand to three windows or more.
package plan

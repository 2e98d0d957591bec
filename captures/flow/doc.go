// Package flow assembles packets into flows: who opened it, what was sent each
// way, how it ended, and what its head says.
//
// Call Assemble with a captures.Source and an Observer. Flows come out when
// nothing more of them is expected, in the order of their last frame, so that
// memory depends on the flows that are open and not on the length of the
// capture.
package flow

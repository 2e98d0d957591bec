// Package casebook holds recordings with their verdicts: for each rule of the
// contract's section 5 a clean recording, one for each way to break it, and one
// for each thing that must not break it.
//
// A [Case] is a script and what it must be judged as. The verdicts were derived
// by hand from the contract; no output of this project went into them. What a
// case does not say is pass, for every claim that the modes of its windows
// call for ([Case.Expected] spells it out), and claims without a subject are
// not judged.
//
// [All] lists them in a fixed order. The table of recordings against claims in
// package rig/replay judges each and checks every cell.
//
// A [Pair] is two recordings and all that changed from one to the other;
// [Pairs] lists them for the table in package rig/drift.
package casebook

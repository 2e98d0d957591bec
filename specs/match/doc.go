// Package match holds Gomega matchers for judged windows. They are a thin skin
// over rig/policy and refuse to guess: where a claim is inconclusive, in error
// or not judged, Match returns an error, which Gomega fails under To and NotTo
// alike. So "no contact" can never pass on an empty recording.
package match

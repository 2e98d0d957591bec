// Package junit writes verdicts as JUnit XML, the form that CI systems read.
// FromReport makes a suite of a judged recording; Write writes suites.
//
// A fail is a <failure>; inconclusive and error are an <error> with their type
// and never <skipped>, for a CI system counts a skipped test as no trouble.
package junit

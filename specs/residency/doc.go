// Package residency holds the specs on where first-party endpoints are and who
// runs them. Claims GEO-1 and GEO-2 of the contract, two claims and not one.
package residency

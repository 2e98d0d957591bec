// Package restricted holds the specs of restricted network mode: only what the
// user allows goes out. Claims RNM-1 and RNM-2 of the contract.
package restricted

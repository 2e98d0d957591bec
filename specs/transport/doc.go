// Package transport holds the specs on how payload goes out: encrypted by a
// current protocol, and no secret in the clear. Claims TLS-1 and TLS-2 of the contract.
package transport

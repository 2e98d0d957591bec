// Package party says whose an endpoint is: first party, provider, operator,
// system, third. It looks names up by registered domain suffix and addresses
// by prefix, in lists that come from a policy.
package party

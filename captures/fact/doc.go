// Package fact turns flows into facts: under which names an endpoint was
// reached, which address belongs to which station, and in which form the
// payload went. Facts hold no opinion: whose endpoint it is, and whether that
// is allowed, is said in rig.
//
// Stream hands each fact to a function as its flow ends; Extract collects them
// all with what else the capture says (questions, bindings, leases).
package fact

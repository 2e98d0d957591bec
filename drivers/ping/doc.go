// Package ping sends one ICMP echo request of the rig's host and waits for its
// answer: the control of a bench whose device cannot send one itself. The
// answer is the device's, and comes over the mirrored port.
//
// [Echo] is all there is. It needs CAP_NET_RAW.
package ping

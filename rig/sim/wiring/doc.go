// Package wiring builds the network of one simulated bench from real kernel
// interfaces: three network namespaces that reach nothing outside themselves,
// and one interface in the namespace of the caller that shows the mirror.
//
//	device                switch                           world
//	wlan0 ---------- ap0  [bridge br0]  wan0 ---------- lan0, lo
//	                  |                                       |
//	                  +-- mirror (tc) -- mirror0              |
//	rmnet0 ------------------------------------|------- cell0 +
//	                                           |
//	                             span-NAME, in the caller's namespace
//
// Call [Up] first and [Down] in the end; Down works after a crash too, by the
// name alone. What goes through ap0 in either direction is copied once to
// mirror0 and so to span-NAME, by clsact, u32 and mirred. The device has no
// address until [Join] runs in its namespace: a DHCP exchange, and addresses
// from router advertisements, which package world must answer there. rmnet0 is
// down until [Wiring.SecondUplink] switches it on, and is never mirrored.
//
// Segmentation, checksum offload and GRO are off everywhere, so that a frame on
// the wire is a frame of at most the MTU with its checksums in it.
//
// Namespaces are named, so that `ip netns exec spanrig-NAME-device ...` works,
// and hold the same addresses in every bench: two benches run side by side. The
// state is in the kernel: a [Wiring] from [Open] in another process is as good
// as the one from Up. Linux only, and root.
package wiring

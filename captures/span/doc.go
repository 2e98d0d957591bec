// Package span records live frames from mirror (SPAN) ports into pcapng files.
//
// [Start] is the way in. It returns only when no frame can be missed any more:
// every ring is armed and bound, every interface promiscuous. From then on the
// [Recorder] writes until it is stopped, its context ends, or the disk is
// nearly full; [Recorder.Stop] writes what the rings still hold and returns the
// [Summary] with counts, digests and the reason.
//
// What is lost is counted: frames that found no room in the ring (Dropped),
// times that the ring ran full (Freezes), frames that the card itself missed
// (Missed). They go into the interface statistics of the file each second, and
// [Recorder.Stats] has them for the journal.
//
// The files hold whole blocks at every moment and lag the wire by less than
// 100 ms: 20 ms until the kernel hands over a block that is not full, 30 ms
// more where several interfaces are merged in time order. A process that is
// killed leaves files that open; after a power cut they are whole up to the
// last fsync, which is at most a second before. [Recorder.Follow] and
// [Recorder.Source] read them while they grow.
//
// A ring is AF_PACKET TPACKET_V3 (Linux, Documentation/networking/packet_mmap.rst).
// VLAN tags that the kernel took off are put back. Frames that the rig itself
// sends are excluded; mirrors that arrive encapsulated (ERSPAN, VXLAN, GRE) are
// recorded as they come. Recording needs CAP_NET_RAW, promiscuous mode
// included. Switching GRO and LRO off, which glue frames together, needs
// CAP_NET_ADMIN too; without it [Port] says what stayed on.
//
// The thread that empties the rings comes before others where CAP_SYS_NICE
// allows that.
//
// Times are ns since the Unix epoch by the clock of the capture host, sizes bytes.
package span

package span

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ring is an AF_PACKET socket with its TPACKET_V3 receive ring.
type ring struct {
	fd     int
	memory []byte
	size   int // of a block
	blocks int
	next   int // the block that the kernel hands over next
	held   int // blocks that are ours, before next
}

// openRing makes the socket and its ring, armed for nothing yet.
func openRing(c *Config) (*ring, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, socketError(err)
	}
	r := &ring{fd: fd, size: c.BlockBytes, blocks: c.Blocks}
	if err := r.allocate(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *ring) allocate() error {
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("packet ring: this kernel has no TPACKET_V3: %w", err)
	}
	const slot = 1 << 11 // no limit for frames: TPACKET_V3 packs them, but wants a size that divides a block
	err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq3{
		Block_size:     uint32(r.size),
		Block_nr:       uint32(r.blocks),
		Frame_size:     slot,
		Frame_nr:       uint32(r.size / slot * r.blocks),
		Retire_blk_tov: uint32(retire.Milliseconds()),
	})
	if err != nil {
		return fmt.Errorf("packet ring of %d MiB: choose a smaller one, if memory is short: %w", r.size*r.blocks>>20, err)
	}
	r.memory, err = unix.Mmap(r.fd, 0, r.size*r.blocks, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return os.NewSyscallError("mmap of the packet ring", err)
}

// bind begins to fill the ring with what comes in on an interface: from its
// return on every frame is there or counted.
func (r *ring) bind(index int) error {
	return os.NewSyscallError("bind", unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: bigEndian(unix.ETH_P_ALL), Ifindex: index}))
}

// promiscuous lasts as long as the socket.
func (r *ring) promiscuous(index int) error {
	return unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
		&unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC})
}

// ignoreOutgoing lets the kernel leave out what the rig sends (since Linux 4.20).
func (r *ring) ignoreOutgoing() error {
	return unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
}

// accept attaches a filter that takes n bytes of each frame; 0 takes none.
func (r *ring) accept(n uint32) error {
	code := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: n}}
	return unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &code[0]})
}

// take returns the next block that the kernel has handed over, with its number;
// nil where there is none.
func (r *ring) take() (block []byte, number int) {
	if r.held == r.blocks || atomic.LoadUint32(r.word(r.next, blockStatus))&statusUser == 0 {
		return nil, 0
	}
	number = r.next
	r.next = (r.next + 1) % r.blocks
	r.held++
	return r.memory[number*r.size : (number+1)*r.size : (number+1)*r.size], number
}

// release gives a block back to the kernel. Blocks go back in their order.
func (r *ring) release(number int) {
	atomic.StoreUint32(r.word(number, blockStatus), 0)
	r.held--
}

// filling reports whether the kernel has frames in a block that it has not
// handed over yet.
func (r *ring) filling() bool {
	return r.held < r.blocks && atomic.LoadUint32(r.word(r.next, blockCount)) > 0
}

// word is a field of a block's head; blocks and fields are aligned.
func (r *ring) word(block, offset int) *uint32 {
	return (*uint32)(unsafe.Pointer(&r.memory[block*r.size+offset]))
}

// statistics returns what was counted since the call before.
func (r *ring) statistics() (received, dropped, freezes uint64, err error) {
	s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, 0, 0, os.NewSyscallError("packet statistics", err)
	}
	return uint64(s.Packets), uint64(s.Drops), uint64(s.Freeze_q_cnt), nil
}

// clearError takes the socket's error, such as ENETDOWN, which would wake
// every poll.
func (r *ring) clearError() { _, _ = unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR) }

func (r *ring) close() {
	if r.memory != nil {
		_ = unix.Munmap(r.memory)
	}
	_ = unix.Close(r.fd)
}

func bigEndian(n uint16) uint16 { return n<<8&0xff00 | n>>8 }

// socketError says how a program gets to record.
func socketError(err error) error {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return os.NewSyscallError("packet socket", err)
	}
	binary, errBinary := os.Executable()
	if errBinary != nil {
		binary = "spanrig"
	}
	return fmt.Errorf("recording needs CAP_NET_RAW: run as root, or once: sudo setcap cap_net_raw,cap_net_admin+ep %s: %w", binary, err)
}

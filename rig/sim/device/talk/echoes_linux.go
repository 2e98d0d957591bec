package talk

import "os"

// AllowEchoes lets every group open sockets for echoes, in the network
// namespace of this process, as init does on Android.
func AllowEchoes() error {
	return os.WriteFile("/proc/sys/net/ipv4/ping_group_range", []byte("0 2147483647"), 0o644) //nolint:gosec // a file of the kernel's
}

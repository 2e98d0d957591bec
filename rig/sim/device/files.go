package device

import "os"

// tables of the kernel that the device's shell can read. They are those of the
// namespace: the device's own.
var tables = []string{"tcp", "tcp6", "udp", "udp6", "icmp", "icmp6", "raw", "raw6", "dev", "arp", "route", "if_inet6", "snmp", "netstat"}

// lay puts the files into the device's tree that are not its users'.
func (d *device) lay() {
	for _, name := range tables {
		d.files.PutFunc("/proc/net/"+name, func() []byte {
			b, err := os.ReadFile("/proc/net/" + name)
			if err != nil {
				return nil
			}
			return b
		})
	}
	d.files.PutFunc("/proc/sys/kernel/random/boot_id", func() []byte { return []byte(d.running().id + "\n") })
	d.files.Put("/proc/version", []byte("Linux version 4.14.117-simulated (spanrig) #1 SMP PREEMPT\n"))
	d.files.Put("/sdcard/DJI/com.dji.industry.pilot/FlightRecord/.nomedia", nil)
}

package device

import (
	"fmt"
	"strings"
	"sync"

	"github.com/spanrig/spanrig/rig/sim/device/pilot"
)

// pids gives out process ids, as a kernel does on which other things run too.
type pids struct {
	mu   sync.Mutex
	last int
}

const firstPID = 2400 // those below are the system's

func (p *pids) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == 0 {
		p.last = firstPID
	}
	p.last += 13 + p.last%29
	return p.last
}

// newest is the process that was started last: the app's, for nothing else is
// started after boot.
func (p *pids) newest() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// row is a process.
type row struct {
	user      string
	pid, ppid int
	name      string
}

const launcher = "com.dpad.launcher"

// systemProcesses are those of every boot.
var systemProcesses = []row{
	{"root", 1, 0, "init"}, {"root", 2, 0, "[kthreadd]"}, {"logd", 288, 1, "logd"}, {"root", 430, 1, "netd"}, {"shell", 447, 1, "adbd"},
	{"root", 561, 1, "zygote64"}, {"wifi", 702, 1, "wpa_supplicant"}, {"system", 1210, 561, "system_server"}, {"u0_a21", 1688, 561, launcher},
	{"network_stack", 1731, 561, "com.android.networkstack"}, {"root", 1902, 1, "dji_sys"},
}

// processes are those that run now.
func (d *device) processes() []row {
	list := systemProcesses
	if pid := d.running().app.PID(); pid != 0 {
		list = append(list[:len(list):len(list)], row{fmt.Sprintf("u0_a%d", AppUID-10000), pid, 561, pilot.Name})
	}
	return list
}

func psTable(list []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s %5s %5s %10s %6s %-16s %16s %s %s\n", "USER", "PID", "PPID", "VSZ", "RSS", "WCHAN", "ADDR", "S", "NAME")
	for _, r := range list {
		fmt.Fprintf(&b, "%-14s %5d %5d %10d %6d %-16s %16s %s %s\n", r.user, r.pid, r.ppid, 1324512, 91284, "0", "0", "S", r.name)
	}
	return b.String()
}

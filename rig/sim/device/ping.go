package device

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig/sim/adbd"
	"github.com/spanrig/spanrig/rig/sim/device/talk"
)

// pingOptions are those of iputils that the device knows.
type pingOptions struct {
	count    int // 0: without end
	interval time.Duration
	deadline time.Duration // -w; 0: none
	patience time.Duration // -W, of the last answer
	family   int
	host     string
}

const pingUsage = "ping [-46] [-c COUNT] [-i INTERVAL] [-w DEADLINE] [-W TIMEOUT] HOST"

func parsePing(args []string) (pingOptions, error) {
	o := pingOptions{interval: time.Second, patience: 10 * time.Second, family: 4}
	if args[0] == "ping6" {
		o.family = 6
	}
	for i := 1; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-4" || a == "-6":
			o.family = int(a[1] - '0')
		case len(a) == 2 && strings.Contains("ciwWsI", a[1:]) && i+1 < len(args):
			i++
			n, err := strconv.ParseFloat(args[i], 64)
			if err != nil && a != "-I" {
				return o, fmt.Errorf("bad argument of %s: %s", a, args[i])
			}
			d := time.Duration(n * float64(time.Second))
			switch a {
			case "-c":
				o.count = int(n)
			case "-i":
				o.interval = d
			case "-w":
				o.deadline = d
			case "-W":
				o.patience = d
			}
		case strings.HasPrefix(a, "-"): // -n, -q, -O: nothing to do
		default:
			o.host = a
		}
	}
	if o.host == "" {
		return o, fmt.Errorf("no host")
	}
	if isV6(o.host) {
		o.family = 6
	}
	return o, nil
}

// ping sends echo requests from a socket of its own and prints what comes, as
// iputils does on Android.
func (d *device) ping(ctx context.Context, c *adbd.Call) int {
	o, err := parsePing(c.Args)
	if err != nil {
		c.Fail("%v", err)
		return usage(c, pingUsage)
	}
	if o.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.deadline)
		defer cancel()
	}
	shell := d.running().traffic.users[shellUID]
	list, err := shell.Lookup(ctx, o.host, o.family)
	if err != nil {
		fmt.Fprintf(c.Stderr, "%s: unknown host %s\n", c.Args[0], o.host)
		return 2
	}
	echo, err := shell.OpenEcho(ctx, list[0])
	if err != nil {
		fmt.Fprintf(c.Stderr, "connect: %v\n", err)
		return 2
	}
	defer echo.Close()
	fmt.Fprintf(c.Stdout, "PING %s (%s) 56(84) bytes of data.\n", o.host, list[0])
	sent, got := o.run(ctx, c, echo)
	lost := 0
	if sent > 0 {
		lost = 100 * (sent - got) / sent
	}
	fmt.Fprintf(c.Stdout, "\n--- %s ping statistics ---\n%d packets transmitted, %d received, %d%% packet loss, time %dms\n", o.host, sent, got, lost, (sent-1)*1000)
	if got == 0 {
		return 1
	}
	return 0
}

// run sends and prints until all is sent and answered, or time is up.
func (o *pingOptions) run(ctx context.Context, c *adbd.Call, echo *talk.Echo) (sent, got int) {
	answers := echo.Answers(ctx)
	print := func(a talk.EchoAnswer) {
		got++
		fmt.Fprintf(c.Stdout, "64 bytes from %s: icmp_seq=%d ttl=%d time=%.3f ms\n", a.From, a.Seq, a.Hops, float64(a.Took.Microseconds())/1000)
	}
	for o.count == 0 || sent < o.count {
		if err := echo.Send(uint16(sent + 1)); err != nil {
			fmt.Fprintf(c.Stderr, "ping: sendmsg: %v\n", err)
		}
		sent++
		wait := o.interval
		if sent == o.count {
			wait = o.patience
		}
		next := time.After(wait)
		for waiting := true; waiting; {
			select {
			case a, ok := <-answers:
				if !ok {
					return sent, got
				}
				print(a)
				if got == o.count {
					return sent, got
				}
			case <-next:
				waiting = false
			case <-ctx.Done():
				return sent, got
			}
		}
	}
	return sent, got
}

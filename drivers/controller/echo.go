package controller

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// pinging sends one echo, of two of which the second never comes: so ping stays
// until its time is up, and its socket can be looked at. The number in the
// packet is the socket's port, or that of the process where ping has a raw
// socket. The parts of what it prints begin with lines of their own.
const pinging = `tables() {
  echo "== $1"; cat /proc/net/icmp$2 2>/dev/null
  echo "== $1 raw"; cat /proc/net/raw$2 2>/dev/null
  echo "== ping"
}
tables before "$4"
sh -c 'echo "== pid $$"; exec "$@"' sh "$1" -c 2 -i 5 -w "$2" "$3" &
sleep 0.2
tables during "$4"
wait $!`

func (c *Controller) proveEcho(ctx context.Context, ch drivers.Challenge, p drivers.Proof) (drivers.Proof, error) {
	program, family := "ping", ""
	p.Proto = "icmp"
	if p.Resp.Addr().Is6() {
		program, family, p.Proto = "ping6", "6", "ipv6-icmp"
	}
	out, err := c.config.Bridge.Run(ctx, "sh", "-c", pinging, "sh", program, strconv.Itoa(left(ctx)), whom(ch, p), family)
	switch {
	case err != nil && ctx.Err() != nil && !lost(err):
		return p, nil
	case err != nil:
		return drivers.Proof{}, fmt.Errorf("%s: %w", program, err)
	case out.Code == 127:
		return drivers.Proof{}, c.complaint([]string{program}, out)
	}
	e := parseEcho(out.Stdout)
	p.Answered, p.EchoID, p.EchoSeq = e.answered, e.id, &e.seq
	return p, nil
}

// echo is what is known of a packet.
type echo struct {
	id       *uint16 // nil where nobody knows
	seq      uint16
	answered bool
}

var (
	echoIdent = regexp.MustCompile(`\bident[= ](\d+)`)
	echoReply = regexp.MustCompile(`bytes from .*seq[=: ](\d+)`)
	echoChild = regexp.MustCompile(`(?m)^== pid (\d+)\s*$`)
)

// parseEcho reads what pinging printed. The number is known where ping says it,
// where exactly one socket for echoes came, or where none came but a raw one:
// then it is the process's.
func parseEcho(b []byte) echo {
	e := echo{seq: 1} // the first of iputils and of toybox
	parts := sections(b)
	if n, ok := number(echoReply, b); ok {
		e.seq, e.answered = n, true
	}
	came := news(parts["before"], parts["during"])
	pid, known := number(echoChild, b)
	switch ident, said := number(echoIdent, b); {
	case said:
		e.id = &ident
	case len(came) == 1:
		e.id = &came[0].port
	case len(came) == 0 && known && len(news(parts["before raw"], parts["during raw"])) > 0:
		e.id = &pid
	}
	return e
}

// number reads a number; of one that is longer, as a process's may be, the
// lower 16 bits, as ping does.
func number(pattern *regexp.Regexp, b []byte) (uint16, bool) {
	m := pattern.FindSubmatch(b)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseUint(string(m[1]), 10, 32)
	return uint16(n & 0xffff), err == nil
}

// tableRow is a socket in a table of /proc/net.
type tableRow struct {
	port  uint16 // local; of a raw socket its protocol
	inode string
}

// news lists the sockets that were not there before.
func news(before, during []byte) []tableRow {
	old := tableRows(before)
	return slices.DeleteFunc(tableRows(during), func(r tableRow) bool {
		return slices.ContainsFunc(old, func(o tableRow) bool { return o.inode == r.inode })
	})
}

func tableRows(table []byte) []tableRow {
	const localAddress, inode = 1, 9
	var rows []tableRow
	for line := range bytes.Lines(table) {
		words := strings.Fields(string(line))
		if len(words) <= inode || !strings.HasSuffix(words[0], ":") {
			continue
		}
		_, text, _ := strings.Cut(words[localAddress], ":")
		if port, err := strconv.ParseUint(text, 16, 16); err == nil {
			rows = append(rows, tableRow{uint16(port), words[inode]})
		}
	}
	return rows
}

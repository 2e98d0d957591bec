package android

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Counters are the bytes that a user sent and received since boot, without the
// loopback interface, as far as the source counts them.
type Counters struct {
	Sent, Received uint64
	Source         string // "xt_qtaguid", or "netstats", which is behind by some seconds at most
}

const qtaguid = "/proc/net/xt_qtaguid/stats"

// ReadCounters reads a user's counters from the kernel up to Android 9, else
// from the network statistics, which it makes count anew before.
func ReadCounters(ctx context.Context, b drivers.Bridge, uid int) (Counters, error) {
	out, err := b.Run(ctx, "cat", qtaguid)
	if err != nil {
		return Counters{}, err
	}
	if out.Code == 0 && len(out.Stdout) > 0 {
		return ParseQtaguid(out.Stdout, uid)
	}
	if _, err := run(ctx, b, "dumpsys", "netstats", "--poll"); err != nil {
		return Counters{}, err
	}
	stats, err := run(ctx, b, "dumpsys", "netstats", "detail")
	if err != nil {
		return Counters{}, err
	}
	return ParseNetstats(stats, uid)
}

// ParseQtaguid reads /proc/net/xt_qtaguid/stats. Rows with a tag are parts of
// the row without one, so only tag 0x0 counts.
func ParseQtaguid(text []byte, uid int) (Counters, error) {
	c, first := Counters{Source: "xt_qtaguid"}, true
	for line := range lines(text) {
		words := strings.Fields(line)
		switch {
		case first:
			if len(words) < 8 || words[0] != "idx" || words[3] != "uid_tag_int" || words[5] != "rx_bytes" || words[7] != "tx_bytes" {
				return Counters{}, errors.New(qtaguid + ": it does not begin as it should")
			}
			first = false
			continue
		case len(words) == 0:
			continue
		case len(words) < 8:
			return Counters{}, fmt.Errorf("%s: the line %q is too short", qtaguid, line)
		case words[1] == "lo" || words[2] != "0x0" || words[3] != strconv.Itoa(uid):
			continue
		}
		if err := c.add(words[7], words[5]); err != nil {
			return Counters{}, fmt.Errorf("%s: %w", qtaguid, err)
		}
	}
	if first {
		return Counters{}, errors.New(qtaguid + ": it is empty")
	}
	return c, nil
}

// add adds a row.
func (c *Counters) add(sent, received string) error {
	s, err := strconv.ParseUint(sent, 10, 63)
	if err != nil {
		return err
	}
	r, err := strconv.ParseUint(received, 10, 63)
	if err != nil {
		return err
	}
	if c.Sent+s < c.Sent || c.Received+r < c.Received {
		return fmt.Errorf("counters of %s and %s bytes", sent, received)
	}
	c.Sent, c.Received = c.Sent+s, c.Received+r
	return nil
}

// ParseNetstats reads the output of "dumpsys netstats detail", of which the
// section "UID stats:" counts (AOSP NetworkStatsService.dump,
// NetworkStatsHistory.dump):
//
//	UID stats:
//	  History since boot:
//	  ident=[{type=WIFI, ...}] uid=10123 set=DEFAULT tag=0x0
//	    NetworkStatsHistory: bucketDuration=7200
//	      st=1790661600 rb=100 rp=1 tb=50 tp=1 op=0
//
// A history that leaves out its oldest buckets is an error, for the sum would
// be wrong.
func ParseNetstats(text []byte, uid int) (Counters, error) {
	c := Counters{Source: "netstats"}
	want := "uid=" + strconv.Itoa(uid)
	inside, found, counts := false, false, false
	for line := range lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case strings.HasSuffix(line, "stats:"):
			inside, counts = strings.TrimSpace(line) == "UID stats:", false
			found = found || inside
		case !inside:
			continue
		case strings.HasPrefix(words[0], "ident="):
			// The name of a Wi-Fi network comes first and may have any words.
			words = strings.Fields(line[max(0, strings.LastIndex(line, "] uid=")):])
			counts = contains(words, want) && contains(words, "tag=0x0")
		case counts && words[0] == "(omitting":
			return Counters{}, fmt.Errorf("dumpsys netstats: the device has been up for too long: %s", strings.TrimSpace(line))
		case counts && strings.HasPrefix(words[0], "st="):
			if err := c.add(value(words, "tb="), value(words, "rb=")); err != nil {
				return Counters{}, fmt.Errorf("dumpsys netstats: the line %q: %w", line, err)
			}
		}
	}
	if !found {
		return Counters{}, errors.New("dumpsys netstats: no UID stats in the output")
	}
	return c, nil
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// value finds "key=..." among words.
func value(words []string, key string) string {
	for _, w := range words {
		if v, ok := strings.CutPrefix(w, key); ok {
			return v
		}
	}
	return ""
}

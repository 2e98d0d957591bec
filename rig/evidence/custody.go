package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spanrig/spanrig/rig"
)

// Actions of custody records.
const (
	Recorded  = "recorded" // by the rig; the times are the journal's
	Sealed    = "sealed"
	Witnessed = "witnessed" // the sealing
)

// Custody is one record of who did what with the recording, a line of
// custody.jsonl. Each holds the SHA-256 of the one before.
type Custody struct {
	Seq    int    `json:"seq"`
	Action string `json:"action"`
	Time   string `json:"time"`            // RFC 3339
	Until  string `json:"until,omitempty"` // of what took a while
	By     string `json:"by,omitempty"`    // a person's name
	Role   string `json:"role,omitempty"`
	Note   string `json:"note,omitempty"`
	Tool   string `json:"tool,omitempty"`
	Prev   string `json:"prev"`
}

// Person is who did something.
type Person struct {
	Name, Role string
}

// ParsePerson reads "NAME, ROLE"; the role may be left out.
func ParsePerson(s string) (Person, error) {
	name, role, _ := strings.Cut(s, ",")
	p := Person{strings.TrimSpace(name), strings.TrimSpace(role)}
	if p.Name == "" {
		return p, fmt.Errorf("%q names nobody; say NAME, ROLE", s)
	}
	return p, nil
}

// custodyOf are the records of a bundle that is being sealed.
func custodyOf(rec *rig.Recording, o *Options, now string) []Custody {
	list := recordedOf(rec)
	sealed := Custody{Action: Sealed, Time: now, Note: o.Note, Tool: o.Tool}
	if len(o.By) > 0 {
		sealed.By, sealed.Role = o.By[0].Name, o.By[0].Role
	}
	list = append(list, sealed)
	for i := 1; i < len(o.By); i++ {
		list = append(list, Custody{Action: Witnessed, Time: sealed.Time, By: o.By[i].Name, Role: o.By[i].Role})
	}
	return list
}

// recordedOf is the record of the recording itself, which follows from its
// journal; none where there is no journal.
func recordedOf(rec *rig.Recording) []Custody {
	j := rec.Journal
	if j == nil || len(j.Entries) == 0 {
		return nil
	}
	return []Custody{{Action: Recorded, Time: timeText(j.Entries[0].Time), Until: timeText(j.Last()), Tool: recordedWith(j)}}
}

func timeText(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// recordedWith is the tool that the journal's first line names.
func recordedWith(j *rig.Journal) string {
	var start struct {
		Tool string `json:"tool"`
	}
	if json.Unmarshal(j.Entries[0].Line, &start) != nil {
		return "" // a line of another kind
	}
	return start.Tool
}

// encodeCustody chains the records.
func encodeCustody(list []Custody) (content []byte, chain Chain, err error) {
	for i := range list {
		list[i].Seq, list[i].Prev = i+1, chain.Last
		line, err := canonical(list[i])
		if err != nil {
			return nil, chain, err
		}
		sum := sha256.Sum256(line)
		chain = Chain{i + 1, hex.EncodeToString(sum[:])}
		content = append(append(content, line...), '\n')
	}
	return content, chain, nil
}

// parseCustody reads custody.jsonl and checks its chain.
func parseCustody(content []byte) ([]Custody, error) {
	var list []Custody
	prev := ""
	for n := 1; len(content) > 0; n++ {
		line, rest, whole := bytes.Cut(content, []byte("\n"))
		if !whole {
			return nil, differs(CustodyName, "line %d is cut", n)
		}
		var c Custody
		if err := decode(content[:len(line)+1], &c); err != nil {
			return nil, differs(CustodyName, "line %d: %v", n, err)
		}
		if c.Seq != n || c.Prev != prev {
			return nil, differs(CustodyName, "line %d does not follow from the one before; a record was changed, moved or taken away", n)
		}
		sum := sha256.Sum256(line)
		prev, content = hex.EncodeToString(sum[:]), rest
		list = append(list, c)
	}
	return list, nil
}

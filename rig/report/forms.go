package report

import (
	"fmt"
	"strings"
)

// forms is how payload went beyond the LAN: a drawing and two tables.
type forms struct {
	Height px
	Desc   string
	Rows   []formRow
	Prints []printRow
	Cut    string
}

type formRow struct {
	Title  string
	Safe   bool
	Y, Mid px
	Bars   []segment
	End    px
	Flows  string
	Bytes  string
}

type printRow struct {
	Version, Cipher, ALPN string
	JA4, JA3              string
	Flows, Bytes          string
	Parties               string
	Modes                 string
	Names                 string
	First                 string
}

const (
	formRowH      = 28.0
	formBarH      = 16.0
	formGutter    = 220.0
	mostPrintRows = 40
	mostFormRows  = 24
)

func newForms(s *survey) forms {
	f := forms{}
	list := s.secrets.sortedForms()
	most := uint64(1)
	for _, one := range list {
		most = max(most, one.flows)
	}
	scale := (drawWidth - formGutter - 90) / float64(most)
	y := 6.0
	for i, one := range list {
		if i == mostFormRows {
			f.Cut = plural(len(list)-i, "form") + " more; spanrig flows lists them. "
			break
		}
		row := formRow{Title: one.title, Safe: one.safe, Y: px(y), Mid: px(y + formBarH/2), Flows: Thousands(one.flows), Bytes: Size(one.bytes())}
		x := formGutter
		for p := range beyondParties {
			if n := one.parties[p].flows; n > 0 {
				w := max(float64(n)*scale, 1.5)
				row.Bars = append(row.Bars, segment{px(x), px(w), parties[p].class, fmt.Sprintf("%s: %s", parties[p].title, plural(n, "flow"))})
				x += w
			}
		}
		row.End = px(x + 8)
		f.Rows = append(f.Rows, row)
		f.Desc += fmt.Sprintf("%s: %s. ", one.title, plural(one.flows, "flow"))
		y += formRowH
	}
	f.Height = px(y)
	f.prints(s)
	return f
}

func (f *forms) prints(s *survey) {
	list := s.secrets.sortedPrints()
	for _, p := range list[:min(len(list), mostPrintRows)] {
		row := printRow{Version: p.version, Cipher: p.cipher, ALPN: p.alpn, JA4: p.ja4, JA3: p.ja3, Flows: Thousands(p.flows), Bytes: Size(p.bytes()),
			Names: strings.Join(p.names, ", "), First: p.first.String()}
		if p.more {
			row.Names += " …"
		}
		var words []string
		for i, yes := range p.parties {
			if yes {
				words = append(words, parties[i].title)
			}
		}
		row.Parties = strings.Join(words, ", ")
		words = nil
		for i, yes := range p.modes {
			if yes {
				words = append(words, modes[i].title)
			}
		}
		row.Modes = strings.Join(words, ", ")
		f.Prints = append(f.Prints, row)
	}
	if n := len(list) - len(f.Prints); n > 0 || s.secrets.rest.flows > 0 {
		f.Cut += fmt.Sprintf("%s more are left out here; spanrig flows --json shows ja3 and ja4 of every flow.", plural(max(n, 1), "fingerprint"))
	}
}

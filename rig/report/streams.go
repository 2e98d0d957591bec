package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// streams is a drawing of where bytes went: party, country and operator as
// columns of blocks, with bands between them as thick as their share.
type streams struct {
	Height  px
	Desc    string
	Columns []streamColumn
	Links   []streamLink
}

type streamColumn struct {
	X, Label px
	Anchor   string // of the labels
	Title    string
	Blocks   []block
}

type block struct {
	Y, H, Mid    px
	Class, Title string
	Volume       string
}

type streamLink struct {
	Path         made
	Class, Title string
}

// Geometry of the streams.
const (
	streamTop  = 34.0
	streamRoom = 170.0 // for the blocks of the fullest column
	streamGap  = 22.0  // between blocks, room for a label of two lines
	blockW     = 12.0
	mostBlocks = 9 // in a column; the rest is one
)

// node is a block in the making: its column's value, and the sums through it.
type node struct {
	name  string
	order int // of parties
	bytes uint64
	y, h  float64
	in    float64 // used of its left side, and of its right
	out   float64
}

type edge struct{ from, to, party int }

// newStreams draws from the destinations; nil where no country is known at all.
func newStreams(list []*place) *streams {
	columns := [3][]node{}
	sums := [2]map[edge]uint64{{}, {}}
	located := slices.ContainsFunc(list, func(p *place) bool { return p.country != "" || p.operator != "" })
	if len(list) == 0 || !located {
		return nil
	}
	tops := topNames(list)
	for _, p := range list {
		at := [3]int{
			find(&columns[0], parties[p.party].title, p.party),
			find(&columns[1], tops.of(1, cmp.Or(p.country, "country unknown")), 0),
			find(&columns[2], tops.of(2, operatorWord(p)), 0),
		}
		for i := range columns {
			columns[i][at[i]].bytes += p.bytes()
		}
		sums[0][edge{at[0], at[1], p.party}] += p.bytes()
		sums[1][edge{at[1], at[2], p.party}] += p.bytes()
	}
	return layout(&columns, &sums)
}

func operatorWord(p *place) string {
	switch {
	case p.operator != "":
		return p.operator
	case p.asn != 0:
		return fmt.Sprintf("AS%d", p.asn)
	}
	return "operator unknown"
}

// ranks holds the names of each column that get a block of their own.
type ranks [3]map[string]bool

func topNames(list []*place) (r ranks) {
	sums := [3]map[string]uint64{1: {}, 2: {}}
	for _, p := range list {
		sums[1][cmp.Or(p.country, "country unknown")] += p.bytes()
		sums[2][operatorWord(p)] += p.bytes()
	}
	for i := 1; i < 3; i++ {
		names := make([]string, 0, len(sums[i]))
		for n := range sums[i] {
			names = append(names, n)
		}
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sums[i][b], sums[i][a]), cmp.Compare(a, b)) })
		r[i] = map[string]bool{}
		for _, n := range names[:min(len(names), mostBlocks)] {
			r[i][n] = true
		}
	}
	return r
}

func (r *ranks) of(column int, name string) string {
	if r[column][name] {
		return name
	}
	return "others"
}

func find(list *[]node, name string, order int) int {
	if i := slices.IndexFunc(*list, func(n node) bool { return n.name == name }); i >= 0 {
		return i
	}
	*list = append(*list, node{name: name, order: order})
	return len(*list) - 1
}

// layout gives blocks and bands their places. Blocks keep a least height, so
// that what is small is seen.
func layout(columns *[3][]node, sums *[2]map[edge]uint64) *streams {
	var total uint64
	most := 0
	for _, n := range columns[0] {
		total += n.bytes
	}
	for i := range columns {
		most = max(most, len(columns[i]))
	}
	scale := streamRoom / math.Max(float64(total), 1)
	d := &streams{}
	height := 0.0
	for i := range columns {
		height = max(height, stack(columns[i], scale))
	}
	d.Height = px(height + 8)
	d.Columns = []streamColumn{
		{X: 0, Label: blockW + 6, Anchor: "start", Title: "Party"},
		{X: px(drawWidth/2 - blockW/2 - 60), Label: px(drawWidth/2 + blockW/2 - 54), Anchor: "start", Title: "Country"},
		{X: px(drawWidth - 230), Label: px(drawWidth - 230 + blockW + 6), Anchor: "start", Title: "Operator"},
	}
	for i := range columns {
		for _, n := range columns[i] {
			class := "place"
			if i == 0 {
				class = parties[n.order].class
			}
			d.Columns[i].Blocks = append(d.Columns[i].Blocks, block{px(n.y), px(n.h), px(n.y + n.h/2), class, n.name, Size(n.bytes)})
		}
	}
	for i := range sums {
		d.link(columns[i], columns[i+1], sums[i], float64(d.Columns[i].X)+blockW, float64(d.Columns[i+1].X))
	}
	return d
}

// stack stacks the blocks of a column and returns its foot.
func stack(list []node, scale float64) float64 {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(list[a].order, list[b].order), cmp.Compare(list[b].bytes, list[a].bytes), cmp.Compare(list[a].name, list[b].name))
	})
	y := streamTop
	for _, i := range order {
		list[i].y, list[i].h = y, math.Max(float64(list[i].bytes)*scale, 3)
		y += math.Max(list[i].h, 12) + streamGap
	}
	return y
}

func (d *streams) link(left, right []node, sums map[edge]uint64, x1, x2 float64) {
	edges := make([]edge, 0, len(sums))
	for e := range sums {
		edges = append(edges, e)
	}
	slices.SortFunc(edges, func(a, b edge) int {
		return cmp.Or(cmp.Compare(left[a.from].y, left[b.from].y), cmp.Compare(right[a.to].y, right[b.to].y), cmp.Compare(a.party, b.party))
	})
	for _, e := range edges {
		f, t := &left[e.from], &right[e.to]
		n := sums[e]
		hf := f.h * float64(n) / math.Max(float64(f.bytes), 1)
		ht := t.h * float64(n) / math.Max(float64(t.bytes), 1)
		hf, ht = math.Max(hf, 1), math.Max(ht, 1)
		y1, y2, mid := f.y+f.out, t.y+t.in, (x1+x2)/2
		f.out += hf
		t.in += ht
		path := fmt.Sprintf("M%s %sC%s %s %s %s %s %sL%s %sC%s %s %s %s %s %sZ", px(x1), px(y1), px(mid), px(y1), px(mid), px(y2), px(x2), px(y2),
			px(x2), px(y2+ht), px(mid), px(y2+ht), px(mid), px(y1+hf), px(x1), px(y1+hf))
		d.Links = append(d.Links, streamLink{made(path), parties[e.party].class, fmt.Sprintf("%s to %s: %s, %s", f.name, t.name, Size(n), parties[e.party].title)})
	}
}

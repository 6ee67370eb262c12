package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Pictures are drawn on the server, in the units of their own view boxes. What they show also stands in words below them.

// bar is one bar of a picture, with its value and, where it is not empty, its label.
type bar struct {
	X, Y, Width, Height  int
	Class                string
	TextX, TextY         int
	LabelX, LabelY       int
	Label, Value, Anchor string
	Whole                string
}

// chart is a picture of labelled bars. Each is drawn twice: for wide screens and paper, and for telephones, where a label stands above
// its bar so that its letters stay as large as those around it.
type chart struct {
	Wide, Narrow             []bar
	WideHeads, NarrowHeads   []caption
	WideHeight, NarrowHeight int
}

// pictures are what a run looks like.
type pictures struct {
	// Spread counts pairings by score, in the colours of their bands; Steps label it.
	Spread, Steps []bar
	// Domains counts answered needs by domain: those of the first side to the left, of the second to the right.
	Domains *chart
	// Words say the same.
	SpreadWords  []string
	DomainsWords []string
}

// pictured is up to how many pairings a run is drawn; the report draws larger ones.
const pictured = 5000

func (v *visit) pictures(run *tandemv1.MatchRun) (*pictures, error) {
	if run.GetResults() == 0 || run.GetResults() > pictured {
		return nil, nil
	}
	p := &pictures{}
	var steps [10][4]int // by band
	answered := make(map[string]*[2]int)
	request := &tandemv1.ListMatchResultsRequest{Parent: run.GetName(), PageSize: 500}
	for {
		page, err := v.runs().ListMatchResults(v.ctx(), request)
		if err != nil {
			return nil, err
		}
		for _, result := range page.GetResults() {
			pairing := result.GetPairing()
			steps[min(int(pairing.GetScore())/1000, 9)][pairing.GetBand()]++
			v.countAnswers(pairing, answered)
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	v.drawSpread(p, steps)
	v.drawDomains(p, answered)
	return p, nil
}

// countAnswers counts each need of a pairing that is answered under the root of its capability and the side that has it.
func (v *visit) countAnswers(pairing *tandemv1.Pairing, answered map[string]*[2]int) {
	for _, c := range pairing.GetComponents() {
		if c.GetNeed() == nil || c.GetOffer() == nil {
			continue
		}
		code, ok := v.door.Catalog.Lookup(slug(c.GetNeed().GetCapability()))
		if !ok {
			continue
		}
		root := v.door.Catalog.Capability(v.door.Catalog.Root(code)).Code
		if answered[root] == nil {
			answered[root] = new([2]int)
		}
		side := 0
		if c.GetNeed().GetFirm() == pairing.GetSecond().GetName() {
			side = 1
		}
		answered[root][side]++
	}
}

// The measures of the score spread: columns between two lines of text.
const (
	spreadTop    = 24
	spreadHeight = 150
	spreadStep   = 88
)

func (v *visit) drawSpread(p *pictures, steps [10][4]int) {
	most := 1
	for _, bands := range steps {
		most = max(most, total(bands))
	}
	for i, bands := range steps {
		n := total(bands)
		y := spreadTop + spreadHeight
		for _, band := range []tandemv1.Pairing_Band{tandemv1.Pairing_STRONG, tandemv1.Pairing_GOOD, tandemv1.Pairing_POSSIBLE} {
			height := bands[band] * spreadHeight / most
			if height > 0 {
				y -= height
				p.Spread = append(p.Spread, bar{X: i*spreadStep + 6, Y: y, Width: spreadStep - 12, Height: height, Class: strings.ToLower(band.String())})
			}
		}
		p.Steps = append(p.Steps, bar{
			TextX: i*spreadStep + spreadStep/2, TextY: y - 8, Label: v.door.Catalog.Name(v.lang, catalog.Number(i*1000)), Value: v.door.Catalog.Name(v.lang, catalog.Number(n)),
		})
		if n > 0 {
			p.SpreadWords = append(p.SpreadWords, v.say("web.picture.spread.row", catalog.Number(i*1000), catalog.Number(i*1000+999), catalog.Number(n)))
		}
	}
}

func total(bands [4]int) int { return bands[0] + bands[1] + bands[2] + bands[3] }

// The measures of the map of domains: names in the middle, bars to both sides.
const (
	domainRow    = 26
	domainMiddle = 450
	domainName   = 160 // half the room of the name
	domainBar    = 240
	domains      = 14
)

// The measures of both charts of bars on a telephone: a line for the name, a line for its bars.
const (
	narrowRow    = 44
	narrowMiddle = 200
	narrowBar    = 155
)

func (v *visit) drawDomains(p *pictures, answered map[string]*[2]int) {
	roots := slices.SortedFunc(maps.Keys(answered), func(a, b string) int {
		return cmp.Or(cmp.Compare(answered[b][0]+answered[b][1], answered[a][0]+answered[a][1]), cmp.Compare(a, b))
	})
	roots = roots[:min(len(roots), domains)]
	if len(roots) == 0 {
		return
	}
	most := 1
	for _, root := range roots {
		most = max(most, answered[root][0], answered[root][1])
	}
	var sides [2]string
	for i, side := range v.door.Partnership.GetSides() {
		sides[i] = catalog.Literal(textOf(side.GetDisplayName()).In(v.lang))
	}
	first, second := v.say("web.picture.domains.head", sides[0]), v.say("web.picture.domains.head", sides[1])
	c := &chart{
		WideHeads:   []caption{{X: domainMiddle - domainName, Y: 16, Text: first}, {X: domainMiddle + domainName, Y: 16, Text: second}},
		NarrowHeads: []caption{{X: narrowMiddle - 8, Y: 14, Text: first}, {X: narrowMiddle + 8, Y: 14, Text: second}},
		WideHeight:  40 + len(roots)*domainRow, NarrowHeight: 24 + len(roots)*narrowRow,
	}
	for i, root := range roots {
		name := v.door.Catalog.Name(v.lang, "cap:"+root)
		for side, class := range []string{"strong", "second-bar"} {
			n := answered[root][side]
			b := bar{Class: class, Value: v.door.Catalog.Name(v.lang, catalog.Number(n)), Whole: name}
			if side == 0 {
				b.Label, b.Anchor = fitting(name, 46), "end"
			}
			wide, narrow := b, b
			wide.Y, wide.Height, wide.TextY = 30+i*domainRow, domainRow-8, 44+i*domainRow
			wide.LabelX, wide.LabelY = domainMiddle, wide.TextY
			wide.sideways(side, domainMiddle, domainName, n*domainBar/most)
			narrow.Y, narrow.Height, narrow.TextY = 44+i*narrowRow, 14, 56+i*narrowRow
			narrow.LabelX, narrow.LabelY = narrowMiddle, 38+i*narrowRow
			narrow.sideways(side, narrowMiddle, 1, n*narrowBar/most)
			c.Wide, c.Narrow = append(c.Wide, wide), append(c.Narrow, narrow)
		}
		p.DomainsWords = append(p.DomainsWords, v.say("web.picture.domains.row", "cap:"+root, catalog.Number(answered[root][0]), catalog.Number(answered[root][1]), sides[0], sides[1]))
	}
	p.Domains = c
}

// sideways lays a bar to the left of a middle for the first side, to the right for the second, with its value at its end.
func (b *bar) sideways(side, middle, gap, width int) {
	b.Width = width
	if side == 0 {
		b.X = middle - gap - width
		b.TextX = b.X - 6
	} else {
		b.X = middle + gap
		b.TextX = b.X + width + 6
	}
}

// needsMet draws a firm's needs by how many of its best partners answer each.
type needsMet struct {
	Chart *chart
	Words []string
}

func (v *visit) needsMet(firm *tandemv1.Firm, partners []*tandemv1.Pairing) *needsMet {
	if len(firm.GetNeeds()) == 0 || len(partners) == 0 {
		return nil
	}
	counts := make(map[string]int)
	for _, p := range partners {
		answered := make(map[string]bool) // a partner may answer a need in more than one part of the score
		for _, c := range p.GetComponents() {
			if field := c.GetNeed().GetField(); c.GetNeed().GetFirm() == firm.GetName() && c.GetOffer() != nil && c.GetPoints() > 0 && !answered[field] {
				answered[field] = true
				counts[field]++
			}
		}
	}
	c := &chart{WideHeight: len(firm.GetNeeds()) * domainRow, NarrowHeight: len(firm.GetNeeds()) * narrowRow}
	picture := &needsMet{Chart: c}
	for i, need := range firm.GetNeeds() {
		n := counts["needs["+strconv.Itoa(i)+"]"]
		b := bar{Class: "met", Value: v.door.Catalog.Name(v.lang, catalog.Number(n)), Whole: v.door.Catalog.Name(v.lang, "cap:"+need.GetCapability())}
		if n == 0 {
			b.Class = "unmet"
		}
		b.Label = fitting(b.Whole, 52)
		wide, narrow := b, b
		wide.X, wide.Y, wide.Width, wide.Height, wide.TextY = 360, i*domainRow, max(2, n*480/len(partners)), domainRow-8, i*domainRow+14
		wide.TextX, wide.LabelX, wide.LabelY, wide.Anchor = wide.X+wide.Width+8, 350, wide.TextY, "end"
		narrow.Y, narrow.Width, narrow.Height, narrow.TextY = i*narrowRow+20, max(2, n*2*narrowBar/len(partners)), 14, i*narrowRow+32
		narrow.TextX, narrow.LabelY, narrow.Anchor = narrow.Width+8, i*narrowRow+14, "start"
		c.Wide, c.Narrow = append(c.Wide, wide), append(c.Narrow, narrow)
		picture.Words = append(picture.Words, v.say("web.picture.needs.row", "cap:"+need.GetCapability(), catalog.Number(n), catalog.Number(len(partners))))
	}
	return picture
}

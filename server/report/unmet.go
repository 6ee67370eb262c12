package report

import (
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// unmetLine is a domain with how many needs in it a pairing answers and how many nobody does.
type unmetLine struct {
	Domain         string
	code           string
	answered, open int
}

// unmet counts the needs of a side's organisations by domain, in the catalogue's order; a need is answered when a pairing of the
// report counts it.
func (r *reader) unmet(side int, answers []answer) []unmetLine {
	needs, answered := map[string]int{}, map[string]int{}
	for _, f := range r.report.Snapshot.GetFirms() {
		if r.sideOf(f) != side || f.GetState() != tandemv1.Firm_APPROVED {
			continue
		}
		for _, need := range f.GetNeeds() {
			needs[domain(need.GetCapability())]++
		}
	}
	for _, a := range answers {
		if a.side == side {
			answered[a.needDomain]++
		}
	}
	var lines []unmetLine
	for _, capability := range r.cat.Capabilities() {
		if n, met := needs[capability.Code], answered[capability.Code]; n > 0 {
			lines = append(lines, unmetLine{Domain: r.domainName(capability.Code), code: capability.Code, answered: met, open: n - met})
		}
	}
	return lines
}

// unmetPicture draws both sides' needs by domain, back to back: from the middle outwards first those that nobody answers, then the
// others, all in one scale.
type unmetPicture struct {
	Says   []string // a sentence a side
	Desc   string   // the same with the domains, for those who cannot see the picture
	Height int
	Rows   []unmetRow
	Heads  [2]unmetHead
}

// unmetHead is a side's name above its half of the picture, and its sums below its columns of the table.
type unmetHead struct {
	Side, Open, Answered string
}

// unmetRow is a domain of the picture.
type unmetRow struct {
	Domain string
	Mid    int // height of its middle
	Halves [2]unmetHalf
}

// Bar is where the bars' upper edge is.
func (r unmetRow) Bar() int { return r.Mid - 7 }

// unmetHalf is the bar of one side in a domain. Positions are in hundredths of a percent of the width.
type unmetHalf struct {
	Open, Answered, Label    string
	OpenX, OpenWidth         int
	AnsweredX, AnsweredWidth int
	LabelX                   int
	Unmet                    bool
}

const (
	unmetStep   = 23   // height of a row
	unmetTop    = 30   // room for the names of the sides
	unmetMiddle = 1250 // half the width of the column of domains
	unmetLength = 2500 // of the longest bar
	unmetSpace  = 120  // between a bar and its label
)

func (r *reader) unmetPicture(answers []answer) *unmetPicture {
	sides := [2][]unmetLine{r.unmet(0, answers), r.unmet(1, answers)}
	byCode := [2]map[string]unmetLine{{}, {}}
	most := 0
	var words []string
	p := new(unmetPicture)
	for side, lines := range sides {
		sum := unmetLine{}
		for _, line := range lines {
			byCode[side][line.code] = line
			most = max(most, line.answered+line.open)
			sum.answered, sum.open = sum.answered+line.answered, sum.open+line.open
		}
		p.Heads[side] = unmetHead{r.side(side), r.number(sum.open), r.number(sum.answered)}
		said := r.say("report.unmet.desc", catalog.Literal(r.side(side)), catalog.Number(sum.open), catalog.Number(sum.open+sum.answered))
		p.Says = append(p.Says, said)
		words = append(words, said)
		for _, line := range lines {
			if line.open > 0 {
				words = append(words, r.say("report.labelled", catalog.Literal(line.Domain), catalog.Number(line.open))+".")
			}
		}
	}
	for _, capability := range r.cat.Capabilities() {
		first, second := byCode[0][capability.Code], byCode[1][capability.Code]
		if first.code == "" && second.code == "" {
			continue
		}
		row := unmetRow{Domain: r.domainName(capability.Code), Mid: unmetTop + unmetStep*len(p.Rows) + unmetStep/2}
		for side, line := range [2]unmetLine{first, second} {
			row.Halves[side] = r.unmetHalf(side, line, most)
		}
		p.Rows = append(p.Rows, row)
	}
	if most == 0 {
		return nil
	}
	p.Desc = strings.Join(words, " ")
	p.Height = unmetTop + unmetStep*len(p.Rows)
	return p
}

// unmetHalf lays out a bar: the first side's grows to the left, the second's to the right.
func (r *reader) unmetHalf(side int, line unmetLine, most int) unmetHalf {
	open, whole := unmetLength*line.open/most, unmetLength*(line.open+line.answered)/most
	h := unmetHalf{
		Open: r.number(line.open), Answered: r.number(line.answered), Unmet: line.open > 0,
		OpenWidth: open, AnsweredWidth: whole - open,
	}
	if line.open+line.answered > 0 {
		h.Label = r.say("report.unmet.of", catalog.Number(line.open), catalog.Number(line.open+line.answered))
	}
	const middle = 10000 / 2
	if side == 0 {
		h.OpenX, h.AnsweredX, h.LabelX = middle-unmetMiddle-open, middle-unmetMiddle-whole, middle-unmetMiddle-whole-unmetSpace
	} else {
		h.OpenX, h.AnsweredX, h.LabelX = middle+unmetMiddle, middle+unmetMiddle+open, middle+unmetMiddle+whole+unmetSpace
	}
	return h
}

package report

import (
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// focus is the page of a domain that the partnership looks at first.
type focus struct {
	ID         string
	Title      string
	Intro      string
	Figures    []figure
	Rows       []entry
	More       string // how many further pairings it has
	Frameworks []string
	Gaps       []string
	Programs   []string
}

const (
	rowsPerFocus  = 7
	linesPerFocus = 4
)

// themed are the pairings of a focus domain: their counts, and those that its page can show.
type themed struct {
	theme         string
	totals        *totals
	first, others []row // the first of co-development and joint R&D, and of the others; no more than a page has
}

func (t *themed) count(w row) {
	if !slices.Contains(w.GetThemes(), t.theme) {
		return
	}
	t.totals.count(w)
	list := &t.others
	if w.GetSection() == tandemv1.Pairing_DEVELOPMENT && w.GetTier() == tandemv1.Pairing_RECIPROCAL {
		list = &t.first
	}
	if len(*list) < rowsPerFocus {
		*list = append(*list, w)
	}
}

func (r *reader) focus(own themed) focus {
	theme, t := own.theme, own.totals
	f := focus{
		ID:    id(theme),
		Title: capitalised(r.name("theme", id(theme))),
		Intro: r.say("report.focus.intro", catalog.Number(t.pairings), catalog.Number(len(t.firms[0])), catalog.Literal(r.side(0)),
			catalog.Number(len(t.firms[1])), catalog.Literal(r.side(1))),
		Figures: []figure{
			{Value: r.number(t.pairings), Label: r.say("report.figure.pairings", catalog.Number(t.pairings))},
			{Value: r.number(t.bands[tandemv1.Pairing_STRONG]), Label: r.say("report.figure.strong", catalog.Number(t.bands[tandemv1.Pairing_STRONG]))},
			{Value: r.number(t.reciprocal), Label: r.say("report.figure.reciprocal", catalog.Number(t.reciprocal)), Note: r.percent(t.reciprocal, t.pairings)},
			{Value: r.number(t.unsettled()), Label: r.say("report.figure.unsettled", catalog.Number(t.unsettled())), Note: r.percent(t.unsettled(), t.pairings)},
		},
	}
	if t.pairings == 0 {
		f.Intro = r.say("report.focus.none")
	}
	for _, w := range own.leading() {
		f.Rows = append(f.Rows, r.entry(w))
	}
	if more := t.pairings - len(f.Rows); more > 0 {
		f.More = r.say("report.focus.more", catalog.Number(more))
	}
	f.Frameworks = r.counted(t.frameworks, "fw")
	f.Gaps = r.counted(t.gaps, "fw")
	f.Programs = r.counted(t.programs, "prog")
	return f
}

// leading picks the first pairings of a focus page: those of co-development and joint R&D, then the others, each best first.
func (t *themed) leading() []row {
	// Half the page at most is kept for co-development when the others could fill the rest.
	keep := min(len(t.first), max(rowsPerFocus*7/10, rowsPerFocus-len(t.others)))
	return append(t.first[:keep:keep], t.others[:min(len(t.others), rowsPerFocus-keep)]...)
}

// counted names what a tally counts, with the counts, the most frequent first.
func (r *reader) counted(t *tally, prefix string) []string {
	var lines []string
	for _, key := range t.sorted() {
		if len(lines) == linesPerFocus {
			break
		}
		resource, _, _ := strings.Cut(key, " ")
		lines = append(lines, r.say("report.counted", catalog.Literal(r.name(prefix, id(resource))), catalog.Number(t.counts[key])))
	}
	return lines
}

// unsettled counts the pairings with something to do first.
func (t *totals) unsettled() int {
	return t.pairings - t.gates[tandemv1.Gate_CLEAR] - t.gates[tandemv1.Gate_STATE_UNSPECIFIED]
}

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

// focuses makes a page for each focus domain of the partnership, in the partnership's order.
func (r *reader) focuses(rows []row) []focus {
	var pages []focus
	for _, theme := range r.report.Snapshot.GetPartnership().GetFocusThemes() {
		var own []row
		for _, w := range rows {
			if slices.Contains(w.GetThemes(), theme) {
				own = append(own, w)
			}
		}
		pages = append(pages, r.focus(theme, own))
	}
	return pages
}

func (r *reader) focus(theme string, rows []row) focus {
	t := sumUp(rows)
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
	if len(rows) == 0 {
		f.Intro = r.say("report.focus.none")
	}
	for _, w := range r.leading(rows) {
		f.Rows = append(f.Rows, r.entry(w))
	}
	if more := len(rows) - len(f.Rows); more > 0 {
		f.More = r.say("report.focus.more", catalog.Number(more))
	}
	f.Frameworks = r.counted(t.frameworks, "fw")
	f.Gaps = r.counted(t.gaps, "fw")
	f.Programs = r.counted(t.programs, "prog")
	return f
}

// leading picks the first pairings of a focus page: those of co-development and joint R&D, then the others, each best first.
func (r *reader) leading(rows []row) []row {
	var first, others []row
	for _, w := range rows {
		if w.GetSection() == tandemv1.Pairing_DEVELOPMENT && w.GetTier() == tandemv1.Pairing_RECIPROCAL {
			first = append(first, w)
		} else {
			others = append(others, w)
		}
	}
	// Half the page at most is kept for co-development when the others could fill the rest.
	keep := min(len(first), max(rowsPerFocus*7/10, rowsPerFocus-len(others)))
	return append(first[:keep:keep], others[:min(len(others), rowsPerFocus-keep)]...)
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

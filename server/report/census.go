package report

import (
	"slices"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// census is what a report says of its pairings as a whole. It is taken in one pass, so that the tables, which come later, can be
// written in another without anybody holding all pairings.
type census struct {
	totals   *totals
	answers  answers
	scores   scores
	focus    []themed
	sections []tandemv1.Pairing_Section // of each pairing, in order
	best     map[tandemv1.Pairing_Section][]row
	first    *row // the best pairing
	leading  *row // the best of co-development and joint R&D
}

// census visits all pairings. Others may look at them in the same pass.
func (r *reader) census(also ...func(row)) (*census, error) {
	c := &census{totals: newTotals(), answers: answers{at: map[string]int{}}, best: map[tandemv1.Pairing_Section][]row{}}
	for _, theme := range r.report.Snapshot.GetPartnership().GetFocusThemes() {
		c.focus = append(c.focus, themed{theme: theme, totals: newTotals()})
	}
	return c, r.each(nil, func(w row) error {
		c.count(w)
		for _, look := range also {
			look(w)
		}
		return nil
	})
}

func (c *census) count(w row) {
	c.totals.count(w)
	c.answers.count(w)
	c.scores.count(w)
	for i := range c.focus {
		c.focus[i].count(w)
	}
	c.sections = append(c.sections, w.GetSection())
	if c.first == nil {
		c.first = &w
	}
	if c.leading == nil && w.GetSection() == tandemv1.Pairing_DEVELOPMENT {
		c.leading = &w
	}
	if w.GetTier() == tandemv1.Pairing_RECIPROCAL && len(c.best[w.GetSection()]) < cardsOf(w.GetSection()) {
		c.best[w.GetSection()] = append(c.best[w.GetSection()], w)
	}
}

// shown is the pairing whose score is taken apart as the example: the best of co-development and joint R&D, else the best; nil where
// there is none.
func (c *census) shown() *row {
	if c.leading != nil {
		return c.leading
	}
	return c.first
}

// in is how many pairings a section has.
func (c *census) in(part tandemv1.Pairing_Section) int {
	n := 0
	for _, section := range c.sections {
		if section == part {
			n++
		}
	}
	return n
}

// of tells of a pairing's place whether it is in a section.
func (c *census) of(part tandemv1.Pairing_Section) func(i int) bool {
	return func(i int) bool { return c.sections[i] == part }
}

// carded tells whether a pairing has a card.
func (c *census) carded(w row) bool {
	return slices.ContainsFunc(c.best[w.GetSection()], func(b row) bool { return b.position == w.position })
}

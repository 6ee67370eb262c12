package report

import (
	"errors"
	"iter"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// entry is a pairing as a line of a table.
type entry struct {
	Position  int
	Number    string
	Firms     [2]named
	Score     string
	Width     int // of the score's bar, in percent
	Band      string
	BandClass string
	Tier      string // said only of one-sided pairings
	Mode      string
	Reason    string
	Gate      string
	GateClass string
	Programs  string // programmes on whose award it depends
}

// listed is a pairing as a line of the table of all pairings, which a reader can sort.
type listed struct {
	entry
	Shown     bool // it has a card
	Domain    string
	Framework string // the one that the fewest pairings of the report can use
	Further   string // how many more it can use
	Fit       string
	GateOrder int // the states from free to blocked
	BandOrder int // the bands from strong on, then the one-sided pairings
}

// listed makes a pairing's line; frameworks counts the pairings of the report by framework.
func (r *reader) listed(w row, frameworks *tally) listed {
	l := listed{entry: r.entry(w), Domain: r.mainDomain(w), GateOrder: int(w.GetGate().GetState()), BandOrder: spreadClass(w)}
	l.Fit = l.Band
	if l.Tier != "" {
		l.Fit = r.say("list.comma", catalog.Literal(l.Band), catalog.Literal(l.Tier))
	}
	var rarest *tandemv1.FrameworkUse
	for _, use := range w.GetFrameworks() {
		if rarest == nil || frameworks.counts[use.GetFramework()] < frameworks.counts[rarest.GetFramework()] {
			rarest = use
		}
	}
	if rarest != nil {
		l.Framework = r.frameworkName(rarest.GetFramework(), rarest.GetDisplayName())
	}
	if more := len(w.GetFrameworks()) - 1; more > 0 {
		l.Further = r.say("report.table.further", catalog.Number(more))
	}
	return l
}

// mainDomain is the domain whose needs bring most points, the catalogue's first among equals.
func (r *reader) mainDomain(w row) string {
	points := map[string]int32{}
	for _, c := range w.GetComponents() {
		if c.GetKind() == tandemv1.Component_NEED {
			points[domain(c.GetNeed().GetCapability())] += c.GetPoints()
		}
	}
	main := ""
	for _, capability := range r.cat.Capabilities() {
		if points[capability.Code] > points[main] {
			main = capability.Code
		}
	}
	if main == "" {
		return ""
	}
	return r.domainName(main)
}

func (r *reader) entry(w row) entry {
	e := entry{
		Position:  w.position,
		Number:    r.number(w.position),
		Firms:     [2]named{r.firm(w.firms[0]), r.firm(w.firms[1])},
		Score:     r.number(int(w.GetScore())),
		Width:     rounded(100*int(w.GetScore()), maxScore),
		Band:      r.name("band", w.GetBand().String()),
		BandClass: spreadClasses[spreadClass(w)],
		Mode:      capitalised(r.name("mode", w.GetPrimaryMode().String())),
		Gate:      r.name("gate", w.GetGate().GetState().String()),
		GateClass: token(w.GetGate().GetState().String()),
	}
	if w.GetTier() == tandemv1.Pairing_ONE_SIDED {
		e.Tier = r.say("report.tier.ONE_SIDED")
	}
	if reasons := w.GetReasons(); len(reasons) > 0 {
		e.Reason = r.sentence(reasons[0])
	}
	if open := w.conditional(); len(open) > 0 {
		e.Programs = joined(open, " · ", r.programName)
	}
	return e
}

// section is a part of the report: pairings whose primary mode belongs together.
type section struct {
	ID    string
	Title string
	Intro string
	Count string
	Cards []card
	Rows  iter.Seq[listed] // all of its pairings, also those with a card
}

// bestOf says how many pairings of each section are shown as cards: co-development and joint R&D come first.
var bestOf = []struct {
	section tandemv1.Pairing_Section
	cards   int
}{
	{tandemv1.Pairing_DEVELOPMENT, 6},
	{tandemv1.Pairing_PRODUCTION, 3},
	{tandemv1.Pairing_SUPPLY_AND_OTHER, 3},
	{tandemv1.Pairing_GOVERNMENT_TO_GOVERNMENT, 2},
}

// cardsOf is how many pairings of a section are shown as cards.
func cardsOf(part tandemv1.Pairing_Section) int {
	for _, best := range bestOf {
		if best.section == part {
			return best.cards
		}
	}
	return 0
}

// errEnough ends a pass over pairings whose reader wants no more.
var errEnough = errors.New("enough")

// sections sorts the pairings into the parts of the report; parts without a pairing are left out. Their rows are made as they are
// written; failed is told what went wrong with that.
func (r *reader) sections(c *census, failed func(error)) []section {
	var list []section
	for _, part := range bestOf {
		key := part.section.String()
		s := section{
			ID:    strings.ReplaceAll(token(key), "_", "-"),
			Title: r.say("report.section." + key),
			Intro: r.say("report.section." + key + ".intro"),
		}
		n := c.in(part.section)
		if n == 0 {
			continue
		}
		s.Count = r.say("report.count.pairings", catalog.Number(n))
		for _, w := range c.best[part.section] {
			s.Cards = append(s.Cards, r.card(w))
		}
		s.Rows = func(yield func(listed) bool) {
			err := r.each(c.of(part.section), func(w row) error {
				l := r.listed(w, c.totals.frameworks)
				l.Shown = c.carded(w)
				if !yield(l) {
					return errEnough
				}
				return nil
			})
			if err != nil {
				failed(err)
			}
		}
		list = append(list, s)
	}
	return list
}

package report

import (
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
	Rows  []entry
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

// sections sorts the pairings into the parts of the report; parts without a pairing are left out.
func (r *reader) sections(rows []row) []section {
	var list []section
	for _, part := range bestOf {
		key := part.section.String()
		s := section{
			ID:    strings.ReplaceAll(token(key), "_", "-"),
			Title: r.say("report.section." + key),
			Intro: r.say("report.section." + key + ".intro"),
		}
		count := 0
		for _, w := range rows {
			if w.GetSection() != part.section {
				continue
			}
			count++
			if len(s.Cards) < part.cards && w.GetTier() == tandemv1.Pairing_RECIPROCAL {
				s.Cards = append(s.Cards, r.card(w))
			} else {
				s.Rows = append(s.Rows, r.entry(w))
			}
		}
		s.Count = r.say("report.count.pairings", catalog.Number(count))
		if count > 0 {
			list = append(list, s)
		}
	}
	return list
}

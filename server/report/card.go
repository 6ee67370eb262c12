package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// card shows one of the best pairings with everything a reader needs to decide whether the two should talk.
type card struct {
	entry
	Sides      [2]profile
	Desc       string // the small bar in words
	Cuts       []partCut
	Groups     []partGroup
	Reasons    []string
	Evidence   []evidence
	Demands    []demands
	Free       string // said instead of demands when nothing is known to do
	Frameworks []string
	Gaps       []string
	Lines      []programLine
	Venue      string
	Contacts   string
	Tags       string
	Notices    []string
}

// profile introduces one of the two organisations.
type profile struct {
	named
	Side    string
	Place   string
	Kind    string
	Summary words
}

// evidence is a part of the score with the organisations' own words behind it.
type evidence struct {
	Class  string
	Points string
	Reason string
	Quotes []quotation
}

// quotation is a line of a profile, and what it is in the pairing.
type quotation struct {
	Label string
	Words words
}

// demands are the things to settle that hold a pairing up equally.
type demands struct {
	State, Class string
	Asks         []string
}

// programLine is a programme with what it means for the pairing.
type programLine struct {
	Name, Award, Reason string
	Open                bool
}

const evidencePerCard = 4

func (r *reader) card(w row) card {
	c := card{
		entry:      r.entry(w),
		Groups:     r.groups(w),
		Reasons:    r.sentences(w.GetReasons()),
		Evidence:   r.evidence(w),
		Demands:    r.demands(w),
		Frameworks: list(w.GetFrameworks(), r.framework),
		Gaps:       list(w.GetFrameworkGaps(), r.framework),
		Venue:      r.venue(w.GetVenue()),
		Contacts:   strings.Join(r.names("actor", w.GetContacts()), " · "),
		Tags:       joined(w.GetTags(), " · ", r.label),
		Notices:    r.sentences(w.GetNotices()),
	}
	for side, f := range w.firms {
		c.Sides[side] = profile{
			named:   r.firm(f),
			Side:    r.side(side),
			Place:   r.place(f),
			Kind:    r.kind(f),
			Summary: r.quote(f.GetSummary(), f.GetSummaryNative()),
		}
	}
	c.Cuts = shares(int(w.GetScore()), w.points.needs[0], w.points.needs[1], w.points.rest())
	c.Desc = r.say("report.parts.desc", catalog.Number(int(w.GetScore())), catalog.Number(w.points.needs[0]), catalog.Literal(c.Sides[0].Name.Text),
		catalog.Number(w.points.needs[1]), catalog.Literal(c.Sides[1].Name.Text), catalog.Number(w.points.rest()))
	if len(c.Demands) == 0 {
		c.Free = r.say("report.card.free")
	}
	for _, use := range w.GetPrograms() {
		line := programLine{
			Name:   r.programName(use),
			Award:  r.say("report.award." + use.GetState().String()),
			Reason: r.sentence(use.GetReason()),
			Open:   use.GetState() == tandemv1.ProgramUse_CONDITIONAL,
		}
		if line.Reason == "" {
			line.Reason = r.program(use)
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// kind is what an organisation is, by size where it is a company.
func (r *reader) kind(f *tandemv1.Firm) string {
	if f.GetSize() != tandemv1.Firm_SIZE_UNSPECIFIED {
		return r.name("size", f.GetSize().String())
	}
	return r.name("kind", f.GetKind().String())
}

// shares cuts a bar into the needs of the two sides and the rest.
func shares(score, first, second, rest int) []partCut {
	var cuts []partCut
	drawn := 0
	for i, points := range [3]int{first, second, rest} {
		if points == 0 {
			continue
		}
		from := share(drawn, score)
		drawn += points
		cuts = append(cuts, partCut{Class: [3]string{"first", "second", "rest"}[i], X: from, Width: share(drawn, score) - from})
	}
	return cuts
}

// evidence picks the parts that bring most, with the words of the need and of the offer that they rest on.
func (r *reader) evidence(w row) []evidence {
	components := slices.Clone(w.GetComponents())
	slices.SortStableFunc(components, func(a, b *tandemv1.Component) int { return cmp.Compare(b.GetPoints(), a.GetPoints()) })
	var picked []evidence
	for _, c := range components {
		if c.GetPoints() == 0 || len(picked) == evidencePerCard {
			break
		}
		picked = append(picked, evidence{
			Class:  partClass(w.Pairing, c),
			Points: r.number(int(c.GetPoints())),
			Reason: r.component(c),
			Quotes: r.quotations(c),
		})
	}
	return picked
}

// quotations are the organisations' own words behind a part of a score.
func (r *reader) quotations(c *tandemv1.Component) []quotation {
	var quotes []quotation
	for _, line := range []struct {
		key  string
		item *tandemv1.Component_Item
	}{{"need", c.GetNeed()}, {"offer", c.GetOffer()}, {"sold", c.GetSold()}} {
		if words := r.quote(line.item.GetDetail(), line.item.GetDetailNative()); words.Text != "" {
			quotes = append(quotes, quotation{Label: r.say("report.card." + line.key), Words: words})
		}
	}
	return quotes
}

// demands lists what must be settled first by state, the worst first.
func (r *reader) demands(w row) []demands {
	var groups []demands
	for _, state := range []tandemv1.Gate_State{tandemv1.Gate_BLOCK, tandemv1.Gate_HOLD, tandemv1.Gate_ACTION} {
		group := demands{State: capitalised(r.name("gate", state.String())), Class: token(state.String())}
		for _, item := range w.GetGate().GetItems() {
			if item.GetState() == state {
				group.Asks = append(group.Asks, r.demand(item))
			}
		}
		if len(group.Asks) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func list[T any](items []T, render func(T) string) []string {
	said := make([]string, 0, len(items))
	for _, item := range items {
		said = append(said, render(item))
	}
	return said
}

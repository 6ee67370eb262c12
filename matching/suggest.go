package matching

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// NeedSuggestion is a need that an organisation may have and has not stated. It counts for nothing until it stands in the
// organisation's profile.
type NeedSuggestion struct {
	Capability catalog.Code
	Aim        Aim
	Modes      ModeSet    // empty: those of the organisation
	Reasons    []Sentence // the strongest first
}

// MaxSuggestions is how many needs are suggested at most.
const MaxSuggestions = 40

// evidence is one ground for a suggestion.
type evidence struct {
	aim   Aim // 0 where the ground does not say
	modes ModeSet
	value int // 1..1000
	why   Sentence
}

const (
	fullEvidence  = 1000
	wordEvidence  = 500 // the organisation mentions it and offers something else
	alikeEvidence = 800 // all organisations like it look for it
	mostReasons   = 3
)

// SuggestNeeds suggests needs to an organisation, the best founded first, at most top. Without alike they follow from its own
// profile and the catalogue alone, so that what it is told says nothing about others; with alike, which is not for firms,
// also from what organisations of similar offers look for.
func (m *Market) SuggestNeeds(id string, alike bool, top int) ([]NeedSuggestion, error) {
	f := m.roster.find(id)
	if f == nil {
		return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	grounds := map[catalog.Code][]evidence{}
	m.prep.groundsOfOffers(grounds, f)
	m.prep.groundsOfWords(grounds, f)
	if alike {
		m.groundsOfAlike(grounds, f)
	}
	maps.DeleteFunc(grounds, func(code catalog.Code, _ []evidence) bool { return m.prep.states(f, code) })
	codes := slices.SortedFunc(maps.Keys(grounds), func(a, b catalog.Code) int {
		return cmp.Or(cmp.Compare(weightOf(grounds[b]), weightOf(grounds[a])), cmp.Compare(a, b))
	})
	var out []NeedSuggestion
	for _, code := range codes[:min(len(codes), top, MaxSuggestions)] {
		out = append(out, suggestion(f, code, grounds[code]))
	}
	return out, nil
}

// states tells whether a profile already says something about a capability: as an offer or a need, wider or narrower.
func (p *preparer) states(f *firm, code catalog.Code) bool {
	related := func(other catalog.Code) bool { return p.tree.within(code, other) || p.tree.within(other, code) }
	return slices.ContainsFunc(f.offers, func(o offer) bool { return related(o.code) }) ||
		slices.ContainsFunc(f.needs, func(n need) bool { return related(n.code) })
}

func weightOf(grounds []evidence) int {
	sum := 0
	for _, g := range grounds {
		sum += g.value
	}
	return sum
}

// suggestion makes one of its grounds: it points where the strongest that says a direction points, and is told by those that
// do not contradict it.
func suggestion(f *firm, code catalog.Code, grounds []evidence) NeedSuggestion {
	slices.SortStableFunc(grounds, func(a, b evidence) int { return cmp.Compare(b.value, a.value) })
	s := NeedSuggestion{Capability: code, Aim: Partner}
	if at := slices.IndexFunc(grounds, func(g evidence) bool { return g.aim != 0 }); at >= 0 {
		s.Aim, s.Modes = grounds[at].aim, grounds[at].modes
	}
	s.Modes &= f.modes[0]
	for _, g := range grounds {
		if (g.aim == 0 || g.aim == s.Aim) && len(s.Reasons) < mostReasons {
			s.Reasons = append(s.Reasons, g.why)
		}
	}
	return s
}

// groundsOfOffers follows the edges of the catalogue: what goes into an offer may be bought, where an offer goes may be sold.
func (p *preparer) groundsOfOffers(grounds map[catalog.Code][]evidence, f *firm) {
	f = f.told()
	for i, o := range f.offers {
		for _, e := range p.cat.EdgesOf(o.code) {
			other := e.Other(o.code)
			g := evidence{value: e.Weight}
			if f.profile.Offers[i].Level == Secondary {
				g.value = e.Weight * 3 / 4
			}
			var key string
			key, g.aim, g.modes = direction(e, o.code)
			if f.class != industry { // who neither makes nor sells looks for somebody to do research with
				key, g.aim, g.modes = "together", Partner, NewModeSet(JointRD)
			}
			g.why = Sentence{"engine.suggest." + key, []string{p.capArg(other), p.capArg(o.code)}}
			grounds[other] = append(grounds[other], g)
		}
	}
}

// direction is what an edge means to whoever offers one end of it.
func direction(e catalog.Edge, offered catalog.Code) (key string, aim Aim, modes ModeSet) {
	switch {
	case e.Relation == catalog.JointDevelops:
		return "together", Partner, NewModeSet(CoDevelopment)
	case e.Relation == catalog.Sustains:
		return "upkeep", Partner, NewModeSet(CoSustainment)
	case e.To == offered:
		return "input", Supplier, NewModeSet(Supply)
	}
	return "customer", Customer, NewModeSet(Supply)
}

// groundsOfWords finds capabilities that the organisation's own words mention.
func (p *preparer) groundsOfWords(grounds map[catalog.Code][]evidence, f *firm) {
	said := p.lexicon.read(ownWords(f.told().profile)...)
	for _, c := range p.cat.Capabilities() {
		if said.says(p.lexicon.mentions[c.Index].hash) {
			grounds[c.Index] = append(grounds[c.Index], evidence{
				value: wordEvidence, why: Sentence{"engine.suggest.words", []string{p.capArg(c.Index)}},
			})
		}
	}
}

// groundsOfAlike counts what the organisations of the most similar offers look for. One alone is no ground.
func (m *Market) groundsOfAlike(grounds map[catalog.Code][]evidence, f *firm) {
	alike := m.alike(f)
	type wish struct {
		aim   Aim
		modes ModeSet
	}
	wishes := map[catalog.Code][]wish{}
	for _, other := range alike {
		other = other.told()
		seen := map[catalog.Code]bool{}
		for i, n := range other.needs {
			if !seen[n.code] {
				seen[n.code] = true
				wishes[n.code] = append(wishes[n.code], wish{other.profile.Needs[i].Aim, other.profile.Needs[i].Modes})
			}
		}
	}
	for code, found := range wishes {
		if len(found) < 2 {
			continue
		}
		first := found[0] // of the most similar
		if first.aim == 0 {
			first.aim = Partner
		}
		grounds[code] = append(grounds[code], evidence{
			aim: first.aim, modes: first.modes, value: alikeEvidence * len(found) / len(alike),
			why: Sentence{"engine.suggest.alike", []string{m.prep.capArg(code), catalog.Number(len(found)), catalog.Number(len(alike))}},
		})
	}
}

// alike lists up to ten organisations of either side whose offers are most like one's own, the most similar first.
func (m *Market) alike(f *firm) []*firm {
	type resemblance struct {
		firm  *firm
		value int
	}
	var list []resemblance
	for _, side := range [...]Side{First, Second} {
		for _, other := range m.firms(side) {
			if other == f || !other.takes {
				continue
			}
			if value := m.prep.resemblance(f, other); value >= fullEvidence/4 {
				list = append(list, resemblance{other, value})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b resemblance) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.firm.id, b.firm.id))
	})
	var out []*firm
	for _, r := range list[:min(len(list), DefaultTop)] {
		out = append(out, r.firm)
	}
	return out
}

// resemblance is the share of offers that two organisations have in common, 0..1000 (Dice 1945): the same capability counts
// whole, another of the same group half.
func (p *preparer) resemblance(a, b *firm) int {
	if len(a.offers) == 0 || len(b.offers) == 0 {
		return 0
	}
	return fullEvidence * (p.halves(a, b) + p.halves(b, a)) / (2 * (len(a.offers) + len(b.offers)))
}

// halves counts how many offers of one organisation another has too: two for the same capability, one for another of its group.
func (p *preparer) halves(a, b *firm) int {
	sum := 0
	for _, one := range a.offers {
		best := 0
		for _, two := range b.offers {
			switch {
			case one.code == two.code:
				best = 2
			case p.cat.Group(one.code) == p.cat.Group(two.code):
				best = max(best, 1)
			}
		}
		sum += best
	}
	return sum
}

package matching

import (
	"errors"
	"fmt"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// DefaultTop is how many partners are listed when nobody says otherwise.
const DefaultTop = 10

// MaxTop is the longest list that can be asked for.
const MaxTop = 1000

// ErrNotFound is returned for an organisation that is not in the market.
var ErrNotFound = errors.New("no such organisation")

// Market is everything that answers are computed from: prepared organisations, facts, weights and rarity. It never
// changes; With and its kin return changed copies that share what stayed. Any number of goroutines may use it.
type Market struct {
	prep   *preparer
	facts  Facts
	roster *roster
	sides  [2]*index
}

// NewMarket prepares profiles for matching. Ids must be unique; the profiles are not written to.
func NewMarket(cat *catalog.Catalog, w *Weights, r Rarity, f Facts, profiles []Profile) (*Market, error) {
	m := &Market{prep: newPreparer(cat, w, r), facts: f.canonical()}
	known := make(map[string]bool, len(profiles))
	for i := range profiles {
		p := &profiles[i]
		if err := p.check(cat); err != nil {
			return nil, err
		}
		if known[p.ID] {
			return nil, fmt.Errorf("profile %q stands twice", p.ID)
		}
		known[p.ID] = true
	}
	m.lay(m.prep.prepareAll(len(profiles), func(i int) Profile { return profiles[i] }))
	return m, nil
}

// lay makes the roster and both sides' indexes of a market that nobody has seen yet.
func (m *Market) lay(firms []*firm) {
	m.roster = newRoster()
	var sides [2][]*firm
	for _, f := range firms {
		m.roster.add(f)
		sides[f.side] = append(sides[f.side], f)
	}
	for side := range sides {
		m.sides[side] = newIndex(m.prep.layout, sides[side])
	}
}

// With returns a market with profiles added or replaced and others removed, for a committed write. Rarity stays that of
// the epoch. Its cost does not depend on the size of the market; Sealed returns what it leaves loose to the fastest form.
func (m *Market) With(changed []Profile, removed []string) (*Market, error) {
	var gone, newcomers [2][]*firm
	left := make(map[string]bool, len(changed)+len(removed))
	leave := func(id string) {
		if f := m.roster.find(id); f != nil && !left[id] {
			gone[f.side] = append(gone[f.side], f)
		}
		left[id] = true
	}
	for _, id := range removed {
		leave(id)
	}
	twice := make(map[string]bool, len(changed))
	for _, p := range changed {
		if err := p.check(m.prep.cat); err != nil {
			return nil, err
		}
		if twice[p.ID] {
			return nil, fmt.Errorf("profile %q is changed twice at once", p.ID)
		}
		twice[p.ID] = true
		leave(p.ID)
		newcomers[p.Side] = append(newcomers[p.Side], m.prep.prepare(p))
	}
	next := *m
	next.roster = m.roster.with(slices.Concat(gone[:]...), slices.Concat(newcomers[:]...))
	for side := range next.sides {
		next.sides[side] = m.sides[side].with(m.prep.layout, gone[side], newcomers[side])
	}
	return &next, nil
}

// Sealed returns the same market with what writes left loose laid out anew. It gives the same answers, faster; it is for
// whoever has time between writes, and what was written meanwhile can be applied to it again.
func (m *Market) Sealed() *Market {
	next := *m
	for side := range next.sides {
		next.sides[side] = m.sides[side].sealed(m.prep.layout)
	}
	return &next
}

// Loose is how many organisations Sealed would bring into a better place than they are in.
func (m *Market) Loose() int {
	return m.sides[First].loose(m.prep.layout) + m.sides[Second].loose(m.prep.layout)
}

// firms lists a side's organisations by id.
func (m *Market) firms(side Side) []*firm { return m.sides[side].all() }

// WithFacts returns the same organisations and scores under other facts.
func (m *Market) WithFacts(f Facts) *Market {
	next := *m
	next.facts = f.canonical()
	return &next
}

// WithRarity returns the same organisations scored under another epoch's rarity.
func (m *Market) WithRarity(r Rarity) *Market {
	prep := *m.prep
	prep.rarity = r
	prep.heaviest = prep.heaviestNeeds()
	next := &Market{prep: &prep, facts: m.facts}
	firms := slices.Concat(m.firms(First), m.firms(Second))
	next.lay(prep.prepareAll(len(firms), func(i int) Profile { return firms[i].read() }))
	return next
}

// Facts returns the facts that answers use.
func (m *Market) Facts() Facts { return m.facts }

// Rarity returns the table that scores use; it must not be changed.
func (m *Market) Rarity() Rarity { return m.prep.rarity }

// Weights returns the weights that scores use.
func (m *Market) Weights() *Weights { return m.prep.weights }

// Len is the number of organisations, whether they take part or not.
func (m *Market) Len() int { return m.sides[First].size() + m.sides[Second].size() }

// Profile returns an organisation's profile.
func (m *Market) Profile(id string) (Profile, bool) {
	f := m.roster.find(id)
	if f == nil {
		return Profile{}, false
	}
	return f.read(), true
}

// Profiles returns all profiles, the first side's first, each side by id.
func (m *Market) Profiles() []Profile {
	out := make([]Profile, 0, m.Len())
	for side := range m.sides {
		for _, f := range m.firms(Side(side)) {
			out = append(out, f.read())
		}
	}
	return out
}

// FirmName is an organisation's name in each language: the native name where it is written in that language.
func (m *Market) FirmName(id string) (catalog.Text, bool) {
	f := m.roster.find(id)
	if f == nil {
		return catalog.Text{}, false
	}
	return catalog.OwnName(nameOfFirm(f.record)), true
}

// Named returns the catalogue with the names of this market's organisations, so that sentences can be rendered.
func (m *Market) Named() *catalog.Catalog {
	return m.prep.cat.WithNames(func(prefix, id string) (catalog.Text, bool) {
		if prefix != "firm" {
			return catalog.Text{}, false
		}
		return m.FirmName(id)
	})
}

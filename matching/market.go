package matching

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	prep  *preparer
	facts Facts
	sides [2][]*firm // sorted by id
	byID  map[string]*firm
}

// NewMarket prepares profiles for matching. Ids must be unique; the profiles are not written to.
func NewMarket(cat *catalog.Catalog, w *Weights, r Rarity, f Facts, profiles []Profile) (*Market, error) {
	m := &Market{prep: newPreparer(cat, w, r), facts: f.canonical(), byID: make(map[string]*firm, len(profiles))}
	for _, p := range profiles {
		if err := p.check(cat); err != nil {
			return nil, err
		}
		if m.byID[p.ID] != nil {
			return nil, fmt.Errorf("profile %q stands twice", p.ID)
		}
		prepared := m.prep.prepare(p)
		m.byID[p.ID] = prepared
		m.sides[p.Side] = append(m.sides[p.Side], prepared)
	}
	for side := range m.sides {
		slices.SortFunc(m.sides[side], byID)
	}
	return m, nil
}

func byID(a, b *firm) int { return strings.Compare(a.profile.ID, b.profile.ID) }

// With returns a market with profiles added or replaced and others removed, for a committed write. Rarity stays that of
// the epoch.
func (m *Market) With(changed []Profile, removed []string) (*Market, error) {
	gone := make(map[string]bool, len(changed)+len(removed))
	for _, id := range removed {
		gone[id] = true
	}
	var fresh []*firm
	for _, p := range changed {
		if err := p.check(m.prep.cat); err != nil {
			return nil, err
		}
		gone[p.ID] = true
		fresh = append(fresh, m.prep.prepare(p))
	}
	next := &Market{prep: m.prep, facts: m.facts, byID: make(map[string]*firm, len(m.byID)+len(fresh))}
	for side := range m.sides {
		for _, f := range m.sides[side] {
			if !gone[f.profile.ID] {
				next.add(f)
			}
		}
	}
	for _, f := range fresh {
		if next.byID[f.profile.ID] != nil {
			return nil, fmt.Errorf("profile %q is changed twice at once", f.profile.ID)
		}
		next.add(f)
	}
	for side := range next.sides {
		slices.SortFunc(next.sides[side], byID)
	}
	return next, nil
}

func (m *Market) add(f *firm) {
	m.byID[f.profile.ID] = f
	m.sides[f.profile.Side] = append(m.sides[f.profile.Side], f)
}

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
	next := &Market{prep: &prep, facts: m.facts, byID: make(map[string]*firm, len(m.byID))}
	for side := range m.sides {
		for _, f := range m.sides[side] {
			next.add(prep.prepare(*f.profile))
		}
	}
	return next
}

// Facts returns the facts that answers use.
func (m *Market) Facts() Facts { return m.facts }

// Rarity returns the table that scores use; it must not be changed.
func (m *Market) Rarity() Rarity { return m.prep.rarity }

// Weights returns the weights that scores use.
func (m *Market) Weights() *Weights { return m.prep.weights }

// Len is the number of organisations, whether they take part or not.
func (m *Market) Len() int { return len(m.byID) }

// Profile returns an organisation's profile.
func (m *Market) Profile(id string) (Profile, bool) {
	f := m.byID[id]
	if f == nil {
		return Profile{}, false
	}
	return *f.profile, true
}

// Profiles returns all profiles, the first side's first, each side by id.
func (m *Market) Profiles() []Profile {
	out := make([]Profile, 0, len(m.byID))
	for side := range m.sides {
		for _, f := range m.sides[side] {
			out = append(out, *f.profile)
		}
	}
	return out
}

// FirmName is an organisation's name in each language: the native name where it is written in that language.
func (m *Market) FirmName(id string) (catalog.Text, bool) {
	f := m.byID[id]
	if f == nil {
		return catalog.Text{}, false
	}
	return catalog.OwnName(f.profile.Name, f.profile.NativeName), true
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

// place is a counterpart in a list.
type place struct {
	tier  Tier
	score int32
	index int // in its side's order, which is that of ids
}

// before is the one order of all lists: tier, then score, then id.
func (a place) before(b place) bool {
	return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(b.score, a.score), cmp.Compare(a.index, b.index)) < 0
}

// rate scores an organisation against one of the other side; the zero place if they do not pair. A floor spares the
// modulator, which is most of the work, where even a full one would not come before it; then, too, the place is zero.
func (m *Market) rate(f, other *firm, index int, floor *place) place {
	if m.blocked(f, other) != NoCause {
		return place{}
	}
	first, second := inOrder(f, other)
	s := m.prep.coverages(first, second)
	if s.core == 0 || floor != nil && !(place{s.tier, scoreOf(s.core, fullModulator), index}).before(*floor) {
		return place{}
	}
	m.prep.modulate(&s, first, second)
	return place{s.tier, s.score, index}
}

// list returns an organisation's best counterparts, at most top.
func (m *Market) list(f *firm, top int) []place {
	var best []place
	for i, other := range m.sides[f.profile.Side.Other()] {
		var floor *place
		if len(best) == top {
			floor = &best[top-1]
		}
		p := m.rate(f, other, i, floor)
		if p.tier == 0 || floor != nil && !p.before(*floor) {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, p, func(a, b place) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		if len(best) == top {
			best = best[:top-1]
		}
		best = slices.Insert(best, at, p)
	}
	return best
}

// rank is the place of a counterpart in an organisation's list of the given length, or 0.
func (m *Market) rank(f, counterpart *firm, top int) int32 {
	others := m.sides[f.profile.Side.Other()]
	index, _ := slices.BinarySearchFunc(others, counterpart, byID)
	own := m.rate(f, counterpart, index, nil)
	if own.tier == 0 {
		return 0
	}
	rank := int32(1)
	for i, other := range others {
		if p := m.rate(f, other, i, &own); p.tier != 0 && p.before(own) {
			if rank++; int(rank) > top {
				return 0
			}
		}
	}
	return rank
}

// clampTop reads a wished length of a list.
func clampTop(top int) int {
	if top <= 0 {
		return DefaultTop
	}
	return min(top, MaxTop)
}

// Partners lists an organisation's best counterparts that pass the filter, best first, at most top. Ranks are those of
// the lists without a filter, of length top.
func (m *Market) Partners(id string, top int, filter Filter) ([]Pairing, error) {
	f := m.byID[id]
	if f == nil {
		return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	top = clampTop(top)
	reach := top
	if !filter.empty() {
		reach = len(m.sides[f.profile.Side.Other()])
	}
	var out []Pairing
	for i, p := range m.list(f, reach) {
		other := m.sides[f.profile.Side.Other()][p.index]
		if !filter.admitsFirm(m, other) {
			continue
		}
		pairing := m.explainPair(f, other)
		if !filter.admitsPairing(&pairing) {
			continue
		}
		own := int32(i + 1)
		if i >= top {
			own = 0
		}
		pairing.setRanks(f.profile.Side, own, m.rank(other, f, top))
		if out = append(out, pairing); len(out) == top {
			break
		}
	}
	return out, nil
}

func (p *Pairing) setRanks(side Side, own, others int32) {
	p.FirstRank, p.SecondRank = own, others
	if side == Second {
		p.FirstRank, p.SecondRank = others, own
	}
}

// explainPair scores and explains two organisations of opposite sides.
func (m *Market) explainPair(a, b *firm) Pairing {
	first, second := inOrder(a, b)
	return m.pairing(first, second, m.prep.scorePair(first, second))
}

// Explain answers a question about any two organisations, in either order: what speaks for the pair, and if it is not
// proposed in a list of the given length, the first cause.
func (m *Market) Explain(a, b string, top int) (Explanation, error) {
	one, two := m.byID[a], m.byID[b]
	for id, f := range map[string]*firm{a: one, b: two} {
		if f == nil {
			return Explanation{}, fmt.Errorf("%s: %w", id, ErrNotFound)
		}
	}
	if a == b {
		return Explanation{}, fmt.Errorf("%s: a pair needs two organisations", a)
	}
	first, second := inOrder(one, two)
	if first.profile.Side == second.profile.Side && b < a {
		first, second = m.byID[b], m.byID[a]
	} else if first.profile.Side == second.profile.Side {
		first, second = one, two
	}
	top = clampTop(top)
	e := Explanation{Cause: m.blocked(first, second)}
	switch e.Cause {
	case NoCause, GateBlocked:
		e.Pairing = m.explainPair(first, second)
	default:
		e.Pairing = Pairing{First: first.profile.ID, Second: second.profile.ID, Notices: notices(first, second)}
	}
	if e.Cause == NoCause {
		e.FirstRank, e.SecondRank = m.rank(first, second, top), m.rank(second, first, top)
		e.Cause = e.shortfall()
	}
	e.Proposed = e.Cause == NoCause
	e.Why = m.why(&e, first, second, top)
	return e, nil
}

// shortfall is why a pair that nothing blocks is in nobody's list.
func (e *Explanation) shortfall() Cause {
	switch {
	case e.Tier == 0:
		return NoNeedMet
	case e.FirstRank != 0 || e.SecondRank != 0:
		return NoCause
	case e.Tier == OneSided:
		return NotReciprocal
	}
	return BelowTopK
}

// why says it in a sentence.
func (m *Market) why(e *Explanation, first, second *firm, top int) Sentence {
	args := []string{firmArg(first), firmArg(second)}
	switch e.Cause {
	case NoCause:
		key := "engine.why.both"
		switch {
		case e.FirstRank == 0:
			key, args = "engine.why.one", []string{firmArg(second), firmArg(first), catalog.Number(int(e.SecondRank))}
		case e.SecondRank == 0:
			key, args = "engine.why.one", []string{firmArg(first), firmArg(second), catalog.Number(int(e.FirstRank))}
		default:
			args = append(args, catalog.Number(int(e.FirstRank)), catalog.Number(int(e.SecondRank)))
		}
		return Sentence{key, args}
	case NotApproved:
		args = onlyThose(func(f *firm) bool { return f.profile.Status != Approved }, first, second)
	case Incomplete:
		args = onlyThose(func(f *firm) bool { return len(f.profile.Missing) > 0 }, first, second)
	case BelowTopK:
		args = append(args, catalog.Number(top))
	case NotReciprocal:
		if e.FirstCoverage == 0 {
			args[0], args[1] = args[1], args[0]
		}
		args = append(args, catalog.Number(top))
	default: // the two names say it
	}
	return Sentence{"engine.cause." + e.Cause.String(), args}
}

// onlyThose makes one list argument of the organisations that a cause lies with.
func onlyThose(guilty func(*firm) bool, firms ...*firm) []string {
	var args []string
	for _, f := range firms {
		if guilty(f) {
			args = append(args, firmArg(f))
		}
	}
	return []string{catalog.List(args...)}
}

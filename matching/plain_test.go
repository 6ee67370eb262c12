package matching

import (
	"slices"
)

// plain is the scorer that the fast engine is held against: every pair, every need, every offer, in full, and a list is what
// is left of all pairs when they are sorted. It shares the modulator and the gates with the engine and nothing of coverage,
// bounds, indexes or lists. It is frozen; oracle_test.go holds the score itself against the design.
type plain struct {
	m     *Market // for facts, weights and affinities: never its lists
	sides [2][]*firm
	pairs map[[2]*firm]place // the place of the second in the first's lists; of both orders
}

func newPlain(m *Market, firms map[string]*firm) *plain {
	o := &plain{m: m, pairs: map[[2]*firm]place{}}
	for _, f := range firms {
		o.sides[f.side] = append(o.sides[f.side], f)
	}
	for _, a := range o.sides[First] {
		for _, b := range o.sides[Second] {
			if tier, score := o.score(a, b); tier != 0 {
				o.pairs[[2]*firm{a, b}], o.pairs[[2]*firm{b, a}] = place{tier, score, b}, place{tier, score, a}
			}
		}
	}
	return o
}

func (o *plain) score(a, b *firm) (Tier, int32) {
	if o.m.blocked(a, b) != NoCause {
		return 0, 0
	}
	p := o.m.prep
	answersA, answersB := o.answers(a, b), o.answers(b, a)
	f, g := o.phi(answersA), o.phi(answersB)
	core, tier := uint64(0), Tier(0)
	switch {
	case f > 0 && g > 0:
		core, tier = floorRoot(f*g), Reciprocal
	case f > 0 || g > 0:
		core, tier = max(f, g)/uint64(p.weights.oneSided), OneSided
	}
	if core == 0 {
		return 0, 0
	}
	terms := p.modulator(a, b, answersA, answersB)
	return tier, int32(core * uint64(765+terms.sum()) * 10000 / (65280 * 1020))
}

// answers finds the best offer for every need, as it was when the spine was built.
func (o *plain) answers(seeker, other *firm) []answered {
	p := o.m.prep
	var found []answered
	for i := range seeker.needs {
		n := &seeker.needs[i]
		best, value, fit := -1, 0, 0
		for j, offer := range other.offers {
			if offer.serves&n.usable[other.class] == 0 {
				continue
			}
			x := int(offer.strength) * p.affinity.of(n.code, offer.code) / 255
			x = x * x / 255
			if x == 0 || x < value {
				continue
			}
			if f := p.sideFit(seeker, other, i, j); x > value || f > fit {
				best, value, fit = j, x, f
			}
		}
		found = append(found, answered{need: i, offer: best, raw: n.weight * uint32(value)})
	}
	return found
}

func (o *plain) phi(answers []answered) uint64 {
	var raw uint64
	for _, a := range answers {
		raw += uint64(a.raw)
	}
	return floorRoot(65280 * 65280 * raw / (raw + uint64(o.m.prep.weights.halfway)))
}

// floorRoot finds the root bit by bit.
func floorRoot(n uint64) uint64 {
	root := uint64(0)
	for bit := uint64(1) << 31; bit > 0; bit >>= 1 {
		if r := root | bit; r*r <= n {
			root = r
		}
	}
	return root
}

// list is an organisation's whole list, of which every other is the beginning.
func (o *plain) list(f *firm) []place {
	var all []place
	for _, other := range o.sides[f.side.Other()] {
		if p, ok := o.pairs[[2]*firm{f, other}]; ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		switch {
		case a.tier != b.tier:
			return int(a.tier) - int(b.tier)
		case a.score != b.score:
			return int(b.score) - int(a.score)
		case a.firm.id < b.firm.id:
			return -1
		}
		return 1
	})
	return all
}

// counts are the totals of a run.
func (o *plain) counts() (t Totals) {
	for side := range o.sides {
		for _, f := range o.sides[side] {
			if p := f.read(); p.Status == Approved && len(p.Missing) == 0 {
				t.Firms[side]++
			}
		}
	}
	for _, a := range o.sides[First] {
		for _, b := range o.sides[Second] {
			if o.m.blocked(a, b) != NoCause {
				continue
			}
			t.EligiblePairs++
			switch f, g := o.phi(o.answers(a, b)), o.phi(o.answers(b, a)); {
			case f > 0 && g > 0:
				t.Reciprocal++
			case f > 0 || g > 0:
				t.OneSided++
			}
		}
	}
	return t
}

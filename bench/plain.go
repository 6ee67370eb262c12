package main

import (
	"cmp"
	"math"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// The scale of coverages, scores and their parts.
const (
	fullCoverage = 65280
	coreShare    = 765
	fullShare    = 1020
	fullScore    = 10000
)

// plain is the scorer that everything is measured against: for every pair it loops over needs and raw offers, looks the
// affinity up in a table, and computes the full score. It prepares what depends on one firm alone and prunes nothing. It
// is written from the description of the score, shares no code with the engine and is not meant to become faster.
type plain struct {
	constants map[string]int
	halfway   int
	oneSided  int
	textFull  int
	terms     [termCount]int
	size      int     // of the catalogue
	affinity  []uint8 // need x size + offer
	treeOnly  []bool  // the offer is the need's capability or below it, and nothing else joins them better
	sides     [2][]plainFirm
	prep      *plainPreparer
	// sparing leaves the modulator out where even a full one would not bring a pair into the list.
	sparing bool
}

type plainFirm struct {
	id       string
	class    plainClass
	accepted [2]matching.ModeSet // without and with a government body in the pair
	takes    bool                // approved and complete
	offers   []plainOffer
	needs    []plainNeed
	text     []uint64
	programs []string
	excluded []string
	coast    int
}

type plainOffer struct {
	code     catalog.Code
	strength int
	serves   matching.ModeSet
	trl      int
	material matching.Material
}

type plainNeed struct {
	code     catalog.Code
	weight   int
	asked    [classes]matching.ModeSet // by the counterpart's class
	words    []plainWord
	total    int // of the words' weights
	second   bool
	single   bool
	coastal  bool
	material matching.Material
}

type plainWord struct {
	hash   uint64
	weight int
}

// partner is one line of a list.
type partner struct {
	index int   // in its side
	tier  int   // 1 reciprocal, 2 one-sided
	score int32 // or the core, where a peer computes no more
}

// compare is the order of lists; the sides are sorted by id.
func (p partner) compare(other partner) int {
	return cmp.Or(cmp.Compare(p.tier, other.tier), cmp.Compare(other.score, p.score), cmp.Compare(p.index, other.index))
}

// list is the best k counterparts of a firm, by the full score.
func (p *plain) list(side matching.Side, index, k int) []partner {
	f := &p.sides[side][index]
	return best(k, len(p.sides[side.Other()]), func(i int, floor *partner) (partner, bool) {
		return p.rate(f, &p.sides[side.Other()][i], side, i, floor)
	})
}

// best keeps the k best of n.
func best(k, n int, rate func(i int, floor *partner) (partner, bool)) []partner {
	list := make([]partner, 0, k+1)
	for i := range n {
		var floor *partner
		if len(list) == k {
			floor = &list[k-1]
		}
		one, ok := rate(i, floor)
		if !ok || floor != nil && one.compare(*floor) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, one, partner.compare)
		list = slices.Insert(list, at, one)
		list = list[:min(k, len(list))]
	}
	return list
}

func (p *plain) rate(f, other *plainFirm, side matching.Side, index int, floor *partner) (partner, bool) {
	if !pairable(f, other) {
		return partner{}, false
	}
	first, second := f, other
	if side == matching.Second {
		first, second = other, f
	}
	var pool plainPool
	pool.common = commonModes(first, second)
	core, tier := p.core(p.coverage(first, second, &pool), p.coverage(second, first, &pool))
	if tier == 0 {
		return partner{}, false
	}
	if p.sparing && floor != nil && (partner{index, tier, scoreOf(core, fullShare-coreShare)}).compare(*floor) >= 0 {
		return partner{}, false
	}
	return partner{index, tier, scoreOf(core, p.modulator(&pool))}, true
}

// coreList is the best k counterparts by the core alone, which is all that a join or a matrix product can say.
func (p *plain) coreList(side matching.Side, index, k int) []partner {
	f := &p.sides[side][index]
	return best(k, len(p.sides[side.Other()]), func(i int, _ *partner) (partner, bool) {
		other := &p.sides[side.Other()][i]
		if !pairable(f, other) {
			return partner{}, false
		}
		core, tier := p.core(p.coverage(f, other, nil), p.coverage(other, f, nil))
		return partner{i, tier, int32(core)}, tier > 0 //nolint:gosec // at most 65280
	})
}

func pairable(a, b *plainFirm) bool {
	return a.takes && b.takes && !slices.Contains(a.excluded, b.id) && !slices.Contains(b.excluded, a.id) && commonModes(a, b) != 0
}

func commonModes(a, b *plainFirm) matching.ModeSet {
	with := 0
	if a.class == government || b.class == government {
		with = 1
	}
	return a.accepted[with] & b.accepted[with]
}

// answer is a need with the offer that answers it best.
type answer struct {
	seeker, other *plainFirm
	need          *plainNeed
	offer         *plainOffer
	raw           int
}

// plainPool collects the answered needs of both sides for the modulator.
type plainPool struct {
	common  matching.ModeSet
	answers [2 * matching.MaxNeeds]answer
	n       int
}

// coverage is what the other's offers bring to a firm's needs, 0..65280.
func (p *plain) coverage(seeker, other *plainFirm, pool *plainPool) int {
	sum := 0
	for i := range seeker.needs {
		n := &seeker.needs[i]
		asked := n.asked[other.class]
		row := p.affinity[int(n.code)*p.size:]
		top, chosen, fit := 0, -1, 0
		for j := range other.offers {
			o := &other.offers[j]
			if row[o.code] == 0 || o.serves&asked == 0 {
				continue
			}
			x := o.strength * int(row[o.code]) / 255
			x = x * x / 255
			if x == 0 || x < top {
				continue
			}
			if pool != nil {
				its := sideFit(n, o, asked)
				if x == top && its <= fit {
					continue
				}
				fit = its
			}
			top, chosen = x, j
		}
		if chosen < 0 {
			continue
		}
		sum += n.weight * top
		if pool != nil {
			pool.answers[pool.n] = answer{seeker, other, n, &other.offers[chosen], n.weight * top}
			pool.n++
		}
	}
	return p.phi(sum)
}

// phi is the concave curve over the sum.
func (p *plain) phi(raw int) int {
	return root(fullCoverage * fullCoverage * raw / (raw + p.halfway))
}

// root is the integer square root; the numbers are far below the 53 bits that a float holds exactly.
func root(n int) int { return int(math.Sqrt(float64(n))) }

func (p *plain) core(f, g int) (core, tier int) {
	switch {
	case f > 0 && g > 0:
		return root(f * g), 1
	case f > 0 || g > 0:
		return (f + g) / p.oneSided, 2
	}
	return 0, 0
}

func scoreOf(core, modulator int) int32 {
	return int32(core * (coreShare + modulator) * fullScore / (fullCoverage * fullShare)) //nolint:gosec // at most 10000
}

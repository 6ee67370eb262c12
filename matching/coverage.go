package matching

import (
	"math"
	"slices"
)

const (
	fullCoverage  = 65280 // 255 x 256: the value of a coverage that misses nothing
	fullModulator = 255
	coreShare     = 765 // the part of the score that the core brings alone
	fullShare     = coreShare + fullModulator
	fullScore     = 10000
)

// answered is one need as the counterpart's best offer answers it.
type answered struct {
	need  int
	offer int    // index of the best offer, -1 when nothing answers
	raw   uint32 // weight x sharpened answer
}

// raw is the coverage of a firm's needs by another's offers before phi: the sum, never divided by the number of needs.
// So an organisation with eight needs of which a specialist answers one perfectly is a good lead for both.
func (p *preparer) raw(seeker, other *firm) uint32 {
	var sum uint32
	for i := range seeker.needs {
		n := &seeker.needs[i]
		sum += n.weight * uint32(p.answer(n, other))
	}
	return sum
}

// answer is how well an organisation's offers answer a need, 0..255. An offer answers a need only if it can serve one
// of the modes that the need asks for.
func (p *preparer) answer(n *need, other *firm) uint8 {
	usable, best := n.usable[other.class], uint8(0)
	affinities := p.affinity.row(n.code)
	for i := range other.offers {
		if o := &other.offers[i]; o.serves&usable != 0 {
			best = max(best, p.answering.sharp[o.strength][affinities[o.code]])
		}
	}
	return best
}

// bestAnswers finds for every need the offer that answers it best and appends to into. Of equal offers the one that fits
// better in mode, maturity and material counts, then the earlier.
func (p *preparer) bestAnswers(into []answered, seeker, other *firm) []answered {
	for i := range seeker.needs {
		n := &seeker.needs[i]
		best, value := -1, 0
		if usable := n.usable[other.class]; usable != 0 {
			best, value = p.bestAnswer(i, usable, seeker, other)
		}
		into = append(into, answered{need: i, offer: best, raw: n.weight * uint32(value)})
	}
	return into
}

func (p *preparer) bestAnswer(need int, usable ModeSet, seeker, other *firm) (best, value int) {
	best, fit := -1, -1 // how the best fits is only asked if another is as good
	affinities := p.affinity.row(seeker.needs[need].code)
	for j := range other.offers {
		o := &other.offers[j]
		x := int(p.answering.sharp[o.strength][affinities[o.code]])
		switch {
		case o.serves&usable == 0 || x == 0 || x < value:
		case x > value:
			best, value, fit = j, x, -1
		default:
			if fit < 0 {
				fit = p.sideFit(seeker, other, need, best)
			}
			if f := p.sideFit(seeker, other, need, j); f > fit {
				best, fit = j, f
			}
		}
	}
	return best, value
}

// phi turns raw coverage into 0..65280: monotone and concave, so that more needs met is always better and no single one
// decides. Half-way means that one top-weight need is answered perfectly by half.
func (w *Weights) phi(raw uint32) uint64 {
	r := uint64(raw)
	return isqrt(fullCoverage * fullCoverage * r / (r + uint64(w.halfway))) //nolint:gosec // checked to be positive
}

// isqrt is the integer square root, rounded down, of at most fullCoverage squared. A float's root is rounded correctly on
// every machine, and so far below 2^53 its whole part is the integer's.
func isqrt(n uint64) uint64 { return uint64(math.Sqrt(float64(n))) }

// core is the geometric mean of both coverages; a pair in which one side finds nothing keeps a part of the other's.
func (w *Weights) core(f, g uint64) (uint64, Tier) {
	switch {
	case f == 0 && g == 0:
		return 0, 0
	case f == 0 || g == 0:
		return max(f, g) / uint64(w.oneSided), OneSided //nolint:gosec // checked to be positive
	}
	return isqrt(f * g), Reciprocal
}

// scoreOf is core x (3/4 + 1/4 modulator), 0..10000.
func scoreOf(core uint64, modulator int) int32 {
	return int32(core * uint64(coreShare+modulator) * fullScore / (fullCoverage * fullShare)) //nolint:gosec // at most 10000
}

// blocked tells why two organisations may not be paired whatever they offer, NoCause if nothing stands against it.
func (m *Market) blocked(a, b *firm) Cause {
	switch {
	case a.side == b.side:
		return SameSide
	case !a.takes || !b.takes:
		if !a.approved || !b.approved {
			return NotApproved
		}
		return Incomplete
	case a.excludes(b) || b.excludes(a):
		return Veto
	case commonModes(a, b) == 0:
		return KindRule
	case m.decision(a, b) == GateBlock:
		return GateBlocked
	}
	return NoCause
}

// excludes tells whether an organisation does not want to meet another.
func (f *firm) excludes(other *firm) bool {
	return len(f.excluded) > 0 && slices.Contains(f.excluded, other.id)
}

// commonModes are the modes that both organisations and both kinds accept.
func commonModes(a, b *firm) ModeSet {
	i := 0
	if a.class == government || b.class == government {
		i = 1
	}
	return a.modes[i] & b.modes[i]
}

// scored is the outcome of the score for one pair, in the partnership's order of sides.
type scored struct {
	first, second uint64 // coverages of each side's needs, 0..65280
	core          uint64
	tier          Tier
	terms         termValues
	score         int32
}

// scorePair scores two organisations of opposite sides that nothing blocks; the zero score if neither finds anything.
func (p *preparer) scorePair(first, second *firm) scored {
	s := p.coverages(first, second)
	if s.core > 0 {
		p.modulate(&s, first, second)
	}
	return s
}

// coverages computes what does not depend on the modulator.
func (p *preparer) coverages(first, second *firm) scored {
	s := scored{first: p.weights.phi(p.raw(first, second)), second: p.weights.phi(p.raw(second, first))}
	s.core, s.tier = p.weights.core(s.first, s.second)
	return s
}

// modulate completes the score. It allocates nothing.
func (p *preparer) modulate(s *scored, first, second *firm) {
	var a, b [MaxNeeds]answered
	s.terms = p.modulator(first, second, p.bestAnswers(a[:0], first, second), p.bestAnswers(b[:0], second, first))
	s.score = scoreOf(s.core, s.terms.sum())
}

// inOrder returns two organisations with that of the first side first.
func inOrder(a, b *firm) (first, second *firm) {
	if a.side == Second {
		return b, a
	}
	return a, b
}

// containsHash looks a word up in an organisation's text.
func containsHash(sorted []uint64, hash uint64) bool {
	_, ok := slices.BinarySearch(sorted, hash)
	return ok
}

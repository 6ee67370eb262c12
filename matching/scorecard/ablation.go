package scorecard

import (
	"math/bits"

	"github.com/canada-korea-roadshow/tandem/matching"
)

// setting is a constant of the weights with another value.
type setting struct {
	name  string
	value int
}

// withouts are the parts of the score that can be taken out by other constants.
var withouts = []struct {
	name     string
	settings []setting
}{
	{"without rarity", []setting{{"rarity.step", 0}, {"rarity.base", 150}}},
	{"without adjacency", []setting{{"affinity.adjacent", 0}, {"affinity.second", 0}}},
	{"without second hops", []setting{{"affinity.second", 0}}},
	{"without the tree", []setting{
		{"affinity.narrower.1", 0}, {"affinity.narrower.2", 0}, {"affinity.broader.1", 0}, {"affinity.broader.2", 0}, {"affinity.sibling", 0},
	}},
	{"without siblings", []setting{{"affinity.sibling", 0}}},
	{"without evidence", []setting{{"strength.evidence.none", 255}}},
	{"levels alike", []setting{{"strength.secondary", 255}}},
	{"priorities alike", []setting{{"need.medium", 255}, {"need.low", 255}}},
	{"without sharpening", []setting{{"answer.power", 1}}},
	{"sharpened by the cube", []setting{{"answer.power", 3}}},
}

// with returns weights with a part taken out.
func with(w *matching.Weights, settings []setting) (*matching.Weights, error) {
	var err error
	for _, s := range settings {
		if w, err = w.With(s.name, s.value); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// rescored are the parts that can be taken out of pairs that are already scored: the modulator, its terms, and the mean.
func rescored(pairings []matching.Pairing) []Way {
	withoutPoints := func(drop func(matching.PartKind) bool) func(*matching.Pairing) (matching.Tier, int64) {
		return func(p *matching.Pairing) (matching.Tier, int64) {
			score := int64(p.Score)
			for i := range p.Parts {
				if drop(p.Parts[i].Kind) {
					score -= int64(p.Parts[i].Points)
				}
			}
			return p.Tier, score
		}
	}
	withMean := func(mean func(f, g int64) int64) func(*matching.Pairing) (matching.Tier, int64) {
		return func(p *matching.Pairing) (matching.Tier, int64) {
			f, g := int64(p.FirstCoverage), int64(p.SecondCoverage)
			if p.Tier != matching.Reciprocal || f == 0 || g == 0 {
				return p.Tier, int64(p.Score)
			}
			// The modulator multiplies the core, so the score goes as the mean does. A million keeps what division would lose.
			return p.Tier, whole * int64(p.Score) * mean(f, g) / root(f*g)
		}
	}
	return []Way{
		fromPairings("without text", pairings, withoutPoints(func(k matching.PartKind) bool { return k == matching.PartText })),
		fromPairings("text as the only term", pairings, withoutPoints(func(k matching.PartKind) bool { return k > matching.PartText })),
		fromPairings("without the modulator", pairings, withoutPoints(func(k matching.PartKind) bool { return k != matching.PartNeed })),
		fromPairings("arithmetic mean", pairings, withMean(func(f, g int64) int64 { return (f + g) / 2 })),
		fromPairings("harmonic mean", pairings, withMean(func(f, g int64) int64 { return 2 * f * g / (f + g) })),
		fromPairings("the weaker side only", pairings, withMean(func(f, g int64) int64 { return min(f, g) })),
		fromPairings("tiers mixed", pairings, func(p *matching.Pairing) (matching.Tier, int64) { return 0, int64(p.Score) }),
	}
}

// root is the integer square root of a positive number.
func root(n int64) int64 {
	r := int64(1) << ((bits.Len64(uint64(n)) + 1) / 2) //nolint:gosec // positive
	for {
		next := (r + n/r) / 2
		if next >= r {
			return r
		}
		r = next
	}
}

package matching

// A search may pass over a pair only if no value of what it has not computed yet could bring the pair into the list. This
// file has the arithmetic of that: inverses of the score's monotone steps, each exact or rounded towards keeping a pair.

// phiStep is the width, as a power of two, of the intervals of raw coverage in the table of phiBounds.
const phiStep = 8

// phiBounds is phi at the upper end of every interval of raw coverage.
func phiBounds(w *Weights) []uint16 {
	bounds := make([]uint16, maxRaw>>phiStep+1)
	for i := range bounds {
		bounds[i] = uint16(w.phi(uint32(i+1)<<phiStep - 1)) //nolint:gosec // phi is at most 65280
	}
	return bounds
}

// maxRaw is the largest raw coverage: every need of the largest profile is answered perfectly at full weight.
const maxRaw = MaxNeeds * 255 * 255

// phiAtMost is an upper bound of phi(raw), by table.
func (p *preparer) phiAtMost(raw uint32) uint64 {
	return uint64(p.phiBound[min(raw, maxRaw)>>phiStep])
}

// leastCore is the smallest core, at least 1, with which a pair whose modulator is at most limit can still score that much.
func leastCore(score int32, limit int) uint64 {
	part := uint64(coreShare+limit) * fullScore                       //nolint:gosec // limit is 0 to 255
	return max(1, (uint64(score)*fullCoverage*fullShare+part-1)/part) //nolint:gosec // scores are not negative
}

// leastRaw is the smallest raw coverage whose phi is at least coverage; more than maxRaw if there is none.
// From floor(sqrt(M²r/(r+h))) >= f follows r >= f²h/(M²-f²), because f² is an integer.
func (w *Weights) leastRaw(coverage uint64) uint32 {
	if coverage >= fullCoverage {
		return maxRaw + 1
	}
	square := coverage * coverage
	gap := uint64(fullCoverage)*fullCoverage - square
	return uint32(min(maxRaw+1, (square*uint64(w.halfway)+gap-1)/gap)) //nolint:gosec // at most maxRaw+1
}

// leastCoverage is the smallest coverage that reaches a core beside another coverage of at most other:
// from floor(sqrt(f*g)) >= c follows f*g >= c².
func leastCoverage(core, other uint64) uint64 {
	if other == 0 {
		return fullCoverage
	}
	return (core*core + other - 1) / other
}

// leastSquare is what the square of a reciprocal pair's core times that of its modulator's share must reach for a score.
func leastSquare(score int32) uint64 {
	least := (uint64(score)*fullCoverage*fullShare + fullScore - 1) / fullScore //nolint:gosec // not negative
	return least * least
}

// Bounds counts pairs by how far searches had to look at them: each is past the bound of its name, and was not passed over before.
type Bounds struct {
	Pairs  int // all that there are
	Gates  int // the bitmaps leave them
	Found  int // what is found is enough, summed up exactly
	Given  int // and so is what is given beside it
	Text   int // and the words may lift them into the list
	Scored int // scored in full; the others came too late for that
}

func (b *Bounds) add(other Bounds) {
	b.Pairs += other.Pairs
	b.Gates += other.Gates
	b.Found += other.Found
	b.Given += other.Given
	b.Text += other.Text
	b.Scored += other.Scored
}

package main

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching"
)

// What a peer computes. Those that compute the same must find the same.
const (
	fullScoreOf = "full score" // core and modulator, every rule
	coreOf      = "exact core" // both coverages and their mean, no more
	bm25Of      = "BM25"       // something else: words, not codes
)

// peer finds partners in some way.
type peer struct {
	name     string
	computes string
	// queries is how many organisations are asked at 2k and at 20k; 0 is all of the first side.
	queries [2]int
	// open prepares the peer for a market, which is not measured: every peer may have its index.
	open func(*arena) (finder, error)
}

// finder finds the best k counterparts of organisations of the first side, and says what CPU time that took.
type finder interface {
	find(queries []int, k int) (found [][]partner, took time.Duration, err error)
	close() error
}

// inProcess is a finder that answers one query at a time in this process.
type inProcess func(query, k int) ([]partner, error)

func (f inProcess) find(queries []int, k int) (found [][]partner, took time.Duration, err error) {
	found = make([][]partner, len(queries))
	took, err = cpuOf(func() error {
		for i, q := range queries {
			var err error
			if found[i], err = f(q, k); err != nil {
				return err
			}
		}
		return nil
	})
	return found, took, err
}

func (f inProcess) close() error { return nil }

// sample is a fixed choice of n organisations out of size, spread over all of them; all of them for n = 0.
func sample(n, size int) []int {
	if n == 0 || n > size {
		n = size
	}
	queries := make([]int, n)
	for i := range queries {
		// A step that shares no factor with the size visits everybody once, so a shorter sample is the beginning of a longer one.
		queries[i] = int(int64(i) * stride(size) % int64(size))
	}
	return queries
}

// stride is a number near the golden section of size that has no factor in common with it.
func stride(size int) int64 {
	step := int64(size)*618/1000 + 1
	for gcd(step, int64(size)) != 1 {
		step++
	}
	return step
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// checked is how many lists a checksum covers: the first of every sample.
const checked = 50

// checksum is over who is in the lists, in order, with tier and score.
func checksum(lists [][]partner) string {
	h := fnv.New64a()
	for _, list := range lists[:min(checked, len(lists))] {
		var line []byte
		for _, p := range list {
			line = binary.LittleEndian.AppendUint64(line, uint64(p.index)<<32|uint64(p.tier)<<24|uint64(p.score)) //nolint:gosec // none is negative
		}
		_, _ = h.Write(append(line, '\n')) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// arena is a market in the forms that peers need.
type arena struct {
	market  market
	weights *matching.Weights
	rarity  matching.Rarity
	plain   *plain
	ids     [2][]string // of the sides, sorted
	byID    [2]map[string]int
	profile map[string]*matching.Profile
}

// newArena prepares a market.
func (b *bench) newArena(m market) *arena {
	t := &arena{market: m, weights: matching.CurrentWeights(), profile: map[string]*matching.Profile{}, byID: [2]map[string]int{{}, {}}}
	t.rarity = matching.Count(b.catalog, t.weights, m.profiles)
	for i := range m.profiles {
		p := &m.profiles[i]
		t.profile[p.ID] = p
		t.ids[p.Side] = append(t.ids[p.Side], p.ID)
	}
	for side := range t.ids {
		slices.Sort(t.ids[side])
		for i, id := range t.ids[side] {
			t.byID[side][id] = i
		}
	}
	return t
}

// scorer is the market as the plain scorer has it, made when somebody needs it.
func (t *arena) scorer(b *bench) (*plain, error) {
	if t.plain != nil {
		return t.plain, nil
	}
	var err error
	t.plain, err = newPlain(b.catalog, t.weights, t.rarity, t.market.profiles)
	return t.plain, err
}

// joinable tells whether sums over codes say all of the core: nobody is excluded, held back or limited to some modes, as a
// join and a matrix product know nothing of that.
func (p *plain) joinable() bool {
	for _, side := range p.sides {
		for i := range side {
			f := &side[i]
			if !f.takes || f.class != industry || len(f.excluded) > 0 || f.accepted[0] != everything() {
				return false
			}
			for _, n := range f.needs {
				if n.asked[industry] != everything() {
					return false
				}
			}
		}
	}
	return true
}

// expanded are a firm's offers as answers to every capability, for peers that sum over codes.
func (p *plain) expanded(f *plainFirm) []int {
	answers := make([]int, p.size)
	for _, o := range f.offers {
		for need := range answers {
			x := o.strength * int(p.affinity[need*p.size+int(o.code)]) / 255
			answers[need] = max(answers[need], x*x/255)
		}
	}
	return answers
}

// wanted are a firm's needs summed by capability.
func (f *plainFirm) wanted() map[int]int {
	w := map[int]int{}
	for _, n := range f.needs {
		w[int(n.code)] += n.weight
	}
	return w
}

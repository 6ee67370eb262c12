package matching

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// RunOptions say how a run is computed; only Top and AllPairs change what it finds.
type RunOptions struct {
	Top      int                   // length of each organisation's list; 0 is DefaultTop
	AllPairs bool                  // also pairs that are in nobody's list, with both ranks 0
	Workers  int                   // goroutines; 0 is one
	Progress func(done, total int) // called with rising done, one call at a time
}

// Totals are a run's counts.
type Totals struct {
	Firms         [2]int // approved and complete organisations of each side
	EligiblePairs int    // pairs that nothing blocks
	Reciprocal    int    // of those, pairs in which both sides' needs are met
	OneSided      int    // of those, pairs in which one side's are
}

// Result is what a run found. It depends on the market and on Top and AllPairs only.
type Result struct {
	Rows []Pairing // tier, then score, then ids
	Totals
}

// Run matches everybody with everybody: the union of both sides' lists, each row with its place in both. Workers share
// nothing but a counter of work, so their number and speed change no byte of the result. A cancelled context ends the
// run with its error.
func (m *Market) Run(ctx context.Context, o RunOptions) (Result, error) {
	var r Result
	var err error
	r.Totals, err = m.Stream(ctx, o, func(p *Pairing) error {
		r.Rows = append(r.Rows, *p)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

// Stream is Run for those who pass rows on: it gives them to yield one by one, in order, and holds no more of them than a few.
// An error of yield ends the run.
func (m *Market) Stream(ctx context.Context, o RunOptions, yield func(*Pairing) error) (Totals, error) {
	r, err := m.Rank(ctx, o)
	if err != nil {
		return Totals{}, err
	}
	if err := r.Explain(ctx, r.All(), func(_ int, p *Pairing) error { return yield(p) }); err != nil {
		return Totals{}, err
	}
	return r.Totals, nil
}

// Ranking is what a run found, not yet explained: for each pair its places in both lists and its score. That is small, and the rest
// can be had of it as often as somebody asks, as long as the market does not change.
type Ranking struct {
	Totals
	market  *Market
	workers int
	pairs   []ranked
}

// Rank finds what Run finds, and leaves the explaining to Ranking.Explain.
func (m *Market) Rank(ctx context.Context, o RunOptions) (*Ranking, error) {
	work := m.newBatch(o)
	var pairs []ranked
	for side := range m.sides {
		err := work.lists(ctx, m, Side(side), func(f *firm, list []place) {
			for i, p := range list {
				pairs = append(pairs, newRanked(f, p, int32(i+1)))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if o.AllPairs {
		rest, err := work.pairs(ctx, m)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, rest...)
	}
	return &Ranking{Totals: work.totals, market: m, workers: work.workers, pairs: united(pairs)}, nil
}

// Len is how many pairs there are.
func (r *Ranking) Len() int { return len(r.pairs) }

// At tells of a pair, by its place in the order, what it is ordered by.
func (r *Ranking) At(i int) (tier Tier, score int32, first, second string) {
	p := &r.pairs[i]
	return p.tier, p.score, p.first.id, p.second.id
}

// All are the places of all pairs.
func (r *Ranking) All() []int32 {
	all := make([]int32, len(r.pairs))
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// explained is how many pairs are explained at once and wait for their turn.
const explained = 256

// Explain explains the pairs at some places and gives them to yield one by one, as they are asked for, and holds no more of them
// than a few. What a Pairing consists of is yield's to keep; the place where it stands is used again. It ends with the context, at the
// next pair, and with an error of yield.
func (r *Ranking) Explain(ctx context.Context, places []int32, yield func(i int, p *Pairing) error) error {
	work := &batch{workers: r.workers}
	rows := make([]Pairing, explained)
	for chunk := range slices.Chunk(places, explained) {
		err := work.each(ctx, len(chunk), func(i int, _ *scratch) {
			pair := &r.pairs[chunk[i]]
			rows[i] = r.market.explainPair(pair.first, pair.second)
			rows[i].FirstRank, rows[i].SecondRank = pair.ranks[First], pair.ranks[Second]
		})
		if err != nil {
			return err
		}
		for i, place := range chunk {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := yield(int(place), &rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// ranked is a pair with its places in both lists.
type ranked struct {
	tier          Tier
	score         int32
	ranks         [2]int32
	first, second *firm
}

func newRanked(f *firm, p place, rank int32) ranked {
	first, second := inOrder(f, p.firm)
	r := ranked{tier: p.tier, score: p.score, first: first, second: second}
	r.ranks[f.side] = rank
	return r
}

// united sorts pairs by the one order of pairings and joins what is known of the same.
func united(pairs []ranked) []ranked {
	slices.SortFunc(pairs, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(b.score, a.score), byID(a.first, b.first), byID(a.second, b.second))
	})
	n := 0
	for i, p := range pairs {
		if i > 0 && pairs[n-1].first == p.first && pairs[n-1].second == p.second {
			for side, rank := range p.ranks {
				pairs[n-1].ranks[side] = max(pairs[n-1].ranks[side], rank)
			}
			continue
		}
		pairs[n] = p
		n++
	}
	return pairs[:n]
}

// ComparePairings is the one order of pairings: tier, then score from the best, then ids.
func ComparePairings(a, b Pairing) int {
	return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(b.Score, a.Score), strings.Compare(a.First, b.First), strings.Compare(a.Second, b.Second))
}

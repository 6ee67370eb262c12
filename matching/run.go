package matching

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// RunOptions say how a run is computed; only Top and AllPairs change what it finds.
type RunOptions struct {
	Top      int                   // length of each organisation's list; 0 is DefaultTop
	AllPairs bool                  // also pairs that are in nobody's list, with both ranks 0
	Workers  int                   // goroutines; 0 is one
	Progress func(done, total int) // called with rising done, one call at a time
}

// Result is what a run found. It depends on the market and on Top and AllPairs only.
type Result struct {
	Rows          []Pairing // tier, then score, then ids
	Firms         [2]int    // approved and complete organisations of each side
	EligiblePairs int       // pairs that nothing blocks
	Reciprocal    int       // of those, pairs in which both sides' needs are met
	OneSided      int       // of those, pairs in which one side's are
}

// Run matches everybody with everybody: the union of both sides' lists, each row with its place in both. Workers share
// nothing but a counter of work, so their number and speed change no byte of the result. A cancelled context ends the
// run with its error.
func (m *Market) Run(ctx context.Context, o RunOptions) (Result, error) {
	top := clampTop(o.Top)
	work := m.newRun(o)
	lists, counts, err := work.lists(ctx, m, top)
	if err != nil {
		return Result{}, err
	}
	ranks := m.ranks(lists)
	pairs := slices.SortedFunc(maps.Keys(ranks), func(a, b [2]int) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	if o.AllPairs {
		pairs = m.allPairs()
	}
	rows := make([]Pairing, len(pairs))
	err = work.each(ctx, len(pairs), func(i int) {
		first, second := m.sides[First][pairs[i][0]], m.sides[Second][pairs[i][1]]
		if m.blocked(first, second) != NoCause {
			return
		}
		rows[i] = m.explainPair(first, second)
		rows[i].FirstRank, rows[i].SecondRank = ranks[pairs[i]][0], ranks[pairs[i]][1]
	})
	if err != nil {
		return Result{}, err
	}
	rows = slices.DeleteFunc(rows, func(p Pairing) bool { return p.Tier == 0 })
	slices.SortFunc(rows, ComparePairings)
	r := Result{Rows: rows}
	for side := range m.sides {
		for _, f := range m.sides[side] {
			if f.profile.Status == Approved && len(f.profile.Missing) == 0 {
				r.Firms[side]++
			}
		}
	}
	for _, n := range counts {
		r.EligiblePairs += n.eligible
		r.Reciprocal += n.reciprocal
		r.OneSided += n.oneSided
	}
	return r, nil
}

// ComparePairings is the one order of pairings: tier, then score from the best, then ids.
func ComparePairings(a, b Pairing) int {
	return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(b.Score, a.Score), strings.Compare(a.First, b.First), strings.Compare(a.Second, b.Second))
}

// ranks turns both sides' lists into the places of each pair, by index in the sides' order.
func (m *Market) ranks(lists [2][][]place) map[[2]int][2]int32 {
	ranks := map[[2]int][2]int32{}
	for side := range lists {
		for i, list := range lists[side] {
			for at, p := range list {
				pair := [2]int{i, p.index}
				if Side(side) == Second {
					pair = [2]int{p.index, i}
				}
				places := ranks[pair]
				places[side] = int32(at + 1)
				ranks[pair] = places
			}
		}
	}
	return ranks
}

func (m *Market) allPairs() [][2]int {
	pairs := make([][2]int, 0, len(m.sides[First])*len(m.sides[Second]))
	for i := range m.sides[First] {
		for j := range m.sides[Second] {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	return pairs
}

// batch is one run's bookkeeping: workers and progress.
type batch struct {
	workers  int
	progress func(done, total int)
	total    int
	mu       sync.Mutex
	done     int
}

func (m *Market) newRun(o RunOptions) *batch {
	return &batch{workers: max(1, o.Workers), progress: o.Progress, total: m.Len()}
}

// pairCount counts the pairs of one organisation of the first side.
type pairCount struct{ eligible, reciprocal, oneSided int }

// lists computes every organisation's list, and counts pairs from the first side.
func (b *batch) lists(ctx context.Context, m *Market, top int) (lists [2][][]place, counts []pairCount, err error) {
	lists = [2][][]place{make([][]place, len(m.sides[First])), make([][]place, len(m.sides[Second]))}
	counts = make([]pairCount, len(m.sides[First]))
	err = b.each(ctx, m.Len(), func(i int) {
		if i < len(m.sides[First]) {
			f := m.sides[First][i]
			lists[First][i] = m.list(f, top)
			counts[i] = m.count(f)
		} else {
			i -= len(m.sides[First])
			lists[Second][i] = m.list(m.sides[Second][i], top)
		}
		b.advance()
	})
	return lists, counts, err
}

// count counts an organisation's pairs by coverage alone.
func (m *Market) count(f *firm) pairCount {
	var n pairCount
	for _, other := range m.sides[f.profile.Side.Other()] {
		if m.blocked(f, other) != NoCause {
			continue
		}
		n.eligible++
		switch one, two := m.prep.raw(f, other), m.prep.raw(other, f); {
		case one > 0 && two > 0:
			n.reciprocal++
		case one > 0 || two > 0:
			n.oneSided++
		}
	}
	return n
}

// advance reports one more organisation as done.
func (b *batch) advance() {
	if b.progress == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	b.progress(b.done, b.total)
}

// each calls do for 0..n-1 from all workers and stops early when the context ends.
func (b *batch) each(ctx context.Context, n int, do func(i int)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range b.workers {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

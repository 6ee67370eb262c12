package matching

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// batch is one run's bookkeeping: workers, progress and counts.
type batch struct {
	top      int
	workers  int
	progress func(done, total int)
	total    int
	mu       sync.Mutex // guards what follows
	done     int
	totals   Totals
	passed   Bounds
}

func (m *Market) newBatch(o RunOptions) *batch {
	return &batch{top: clampTop(o.Top), workers: max(1, o.Workers), progress: o.Progress, total: m.Len()}
}

// groupSize is how many organisations pass over a tile together, so that it stays in the processor's cache.
const groupSize = 256

// lists computes the list of every organisation of a side and gives it to take, one call at a time, in no particular order.
func (b *batch) lists(ctx context.Context, m *Market, side Side, take func(f *firm, list []place)) error {
	return b.listsOf(ctx, m, m.firms(side), take)
}

// listsOf is lists for some organisations of one side, which it sorts.
func (b *batch) listsOf(ctx context.Context, m *Market, firms []*firm, take func(f *firm, list []place)) error {
	slices.SortStableFunc(firms, func(a, b *firm) int { return cmp.Compare(a.business(), b.business()) })
	groups := slices.Collect(slices.Chunk(firms, groupSize))
	return b.each(ctx, len(groups), func(i int, w *scratch) {
		lists := m.group(ctx, groups[i], b.top, w)
		counts := m.countPairs(ctx, groups[i], w)
		b.mu.Lock()
		defer b.mu.Unlock()
		for k, f := range groups[i] {
			if ctx.Err() != nil {
				return
			}
			take(f, lists[k])
			if f.takes {
				b.totals.Firms[f.side]++
			}
			if b.done++; b.progress != nil {
				b.progress(b.done, b.total)
			}
		}
		b.passed.add(w.passed)
		w.passed = Bounds{}
		b.totals.EligiblePairs += counts.eligible
		b.totals.Reciprocal += counts.reciprocal
		b.totals.OneSided += counts.oneSided
	})
}

// group computes the lists of some organisations of one side. It passes over each tile with all of them before it goes to the next.
func (m *Market) group(ctx context.Context, firms []*firm, top int, w *scratch) [][]place {
	searches := make([]*search, len(firms))
	for i, f := range firms {
		if f.takes {
			searches[i] = m.search(f, top)
		}
	}
	others := m.sides[firms[0].side.Other()]
	pass := func(look func(s *search, l *layer)) {
		for i := len(others.layers) - 1; i >= 0; i-- {
			for _, s := range searches {
				if s != nil && ctx.Err() == nil {
					look(s, &others.layers[i])
				}
			}
		}
	}
	pass(func(s *search, l *layer) { s.reciprocal(l, w) })
	for _, s := range searches {
		if s != nil && ctx.Err() == nil {
			s.loose(others)
		}
	}
	pass(func(s *search, l *layer) { s.oneSided(l, w) })
	lists := make([][]place, len(firms))
	for i, s := range searches {
		if s != nil && ctx.Err() == nil {
			lists[i] = s.best.sorted()
		}
	}
	return lists
}

// countPairs counts the pairs of some organisations of one side, if it is the first: those of the second are the same.
func (m *Market) countPairs(ctx context.Context, firms []*firm, w *scratch) (counts pairCount) {
	for _, f := range firms {
		if f.side == First && ctx.Err() == nil {
			counts.add(m.count(f, w))
		}
	}
	return counts
}

// pairs scores every pair that can be scored.
func (b *batch) pairs(ctx context.Context, m *Market) ([]ranked, error) {
	firsts, seconds := m.firms(First), m.firms(Second)
	rows := make([][]ranked, len(firsts))
	err := b.each(ctx, len(firsts), func(i int, _ *scratch) {
		for _, second := range seconds {
			if p := m.rate(firsts[i], second, nil); p.tier != 0 {
				rows[i] = append(rows[i], newRanked(firsts[i], p, 0))
			}
		}
	})
	return slices.Concat(rows...), err
}

// each calls do for 0..n-1 from all workers and stops early when the context ends. A panic in one is the caller's.
func (b *batch) each(ctx context.Context, n int, do func(i int, w *scratch)) error {
	var next atomic.Int64
	var all crew
	for range min(b.workers, n) {
		all.add(func() {
			w := newScratch()
			for ctx.Err() == nil && !all.stopped() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i, w)
			}
		})
	}
	all.wait()
	return ctx.Err()
}

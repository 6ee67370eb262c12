package matching

import (
	"math/bits"
	"slices"
)

// search finds one organisation's list, tile by tile. It is exact because it only ever passes over a pair whose upper bound
// stays below the worst place of a full list, and scores what is left by the functions that define the score:
//
//  1. From the worst place follows the least core that may still enter (leastCore), and from that, with the most that a
//     tile can give on one side, the least raw coverage on the other (leastCoverage, leastRaw).
//  2. Two gates of bitmaps, one for each direction of coverage, leave the rows that may reach both.
//  3. For those, both coverages are summed up exactly; what does not reach the core falls.
//  4. The rest are scored in full, the largest core first, so that the worst place rises early.
//
// Pairs in which one side finds nothing form the second tier. They are looked for only if the first did not fill the list.
type search struct {
	*query
	m    *Market
	best best
}

// scratch is what searches of one worker use again and again.
type scratch struct {
	find, give, once bitmap
	rows             []uint16
	found, given     []uint32 // raw coverages of rows
	candidates       []candidate
}

// candidate is a row that only its modulator keeps from its place.
type candidate struct {
	row  int
	rate scored
}

func newScratch() *scratch {
	const words = tileRows / 64
	return &scratch{find: make(bitmap, words), give: make(bitmap, words), once: make(bitmap, words)}
}

func (m *Market) search(f *firm, top int) *search {
	return &search{query: m.prep.query(f), m: m, best: best{top: top}}
}

// asked is the least core that may enter the list in a tier, beside the modulator's limit.
func (s *search) asked(tier Tier, limit int) (core uint64, open bool) {
	if !s.best.full() {
		return 1, true
	}
	last := s.best.last()
	if last.tier < tier {
		return 0, false
	}
	if last.tier > tier {
		return 1, true
	}
	return leastCore(last.score, limit), true
}

// reciprocal looks through a tile for pairs in which both sides find something.
func (s *search) reciprocal(v *layer, w *scratch) {
	t, p := v.tile, s.m.prep
	limit := s.limit(p.weights, t)
	core, _ := s.asked(Reciprocal, limit)
	find, give := p.phiAtMost(s.mostFound(t)), p.phiAtMost(s.mostGiven(t))
	if s.mostFound(t) == 0 || s.mostGiven(t) == 0 || find*give < core*core {
		return
	}
	leastFound := p.weights.leastRaw(leastCoverage(core, give))
	leastGiven := p.weights.leastRaw(leastCoverage(core, find))
	w.size(t.words)
	s.findGate(t, leastFound, w.find, w.once)
	s.giveGate(t, leastGiven, w.give, w.once)
	w.find.and(w.give)
	w.find.and(v.live)
	w.list(w.find)
	s.sumFound(t, w)
	w.keep(w.found, leastFound)
	s.sumGiven(t, w)
	w.candidates = w.candidates[:0]
	for i, row := range w.rows {
		f, g := w.found[i], w.given[i]
		if f == 0 || g == 0 || p.phiAtMost(f)*p.phiAtMost(g) < core*core {
			continue
		}
		s.propose(int(row), f, g, core, w)
	}
	s.settle(t, limit, w)
}

// oneSided looks through a tile for pairs in which exactly one side finds something.
func (s *search) oneSided(v *layer, w *scratch) {
	t, p := v.tile, s.m.prep
	limit := s.limit(p.weights, t)
	core, open := s.asked(OneSided, limit)
	if !open {
		return
	}
	least := p.weights.leastRaw(core * uint64(p.weights.oneSided)) //nolint:gosec // checked to be positive
	w.size(t.words)
	clear(w.find)
	clear(w.give)
	if s.mostFound(t) >= least {
		s.findGate(t, least, w.find, w.once)
	}
	if s.mostGiven(t) >= least {
		s.giveGate(t, least, w.give, w.once)
	}
	w.find.or(w.give)
	w.find.and(v.live)
	w.list(w.find)
	s.sumFound(t, w)
	s.sumGiven(t, w)
	w.candidates = w.candidates[:0]
	for i, row := range w.rows {
		if f, g := w.found[i], w.given[i]; (f == 0) != (g == 0) && max(f, g) >= least {
			s.propose(int(row), f, g, core, w)
		}
	}
	s.settle(t, limit, w)
}

// size makes the bitmaps fit a tile.
func (w *scratch) size(words int) {
	w.find, w.give, w.once = w.find[:words], w.give[:words], w.once[:words]
}

// list lists the rows of a bitmap.
func (w *scratch) list(b bitmap) {
	w.rows = w.rows[:0]
	for i, word := range b {
		for word != 0 {
			w.rows = append(w.rows, uint16(i<<6+bits.TrailingZeros64(word))) //nolint:gosec // below tileRows
			word &= word - 1
		}
	}
}

// keep drops the rows whose raw coverage is below least.
func (w *scratch) keep(raw []uint32, least uint32) {
	n := 0
	for i, x := range raw {
		w.rows[n], raw[n] = w.rows[i], x
		if x >= least {
			n++
		}
	}
	w.rows, w.found = w.rows[:n], w.found[:n]
}

// sumFound sums up how well the listed rows cover the organisation's needs, as preparer.raw does for one pair.
func (s *search) sumFound(t *tile, w *scratch) {
	w.found = append(w.found[:0], make([]uint32, len(w.rows))...)
	for i, n := range s.needs {
		column := t.column[n.code()]
		if column == nil {
			continue
		}
		weight := n.weight()
		if !s.odd {
			for k, row := range w.rows {
				w.found[k] += weight * uint32(column[row])
			}
			continue
		}
		for k, row := range w.rows {
			x := column[row]
			if other := t.firms[row]; x > 0 && !n.plain(other.class) {
				x = s.m.prep.answer(&s.firm.needs[i], other)
			}
			w.found[k] += weight * uint32(x)
		}
	}
}

// sumGiven sums up how well the organisation covers the needs of the listed rows.
func (s *search) sumGiven(t *tile, w *scratch) {
	w.given = w.given[:0]
	answer, own := *s.answer, s.firm.class
	for _, row := range w.rows {
		var sum uint32
		from := t.start[row]
		for i, n := range t.needs[from:t.start[row+1]] {
			x := answer[n.code()]
			if x > 0 && !n.plain(own) {
				x = s.m.prep.answer(&t.firms[row].needs[i], s.firm)
			}
			sum += n.weight() * uint32(x)
		}
		w.given = append(w.given, sum)
	}
}

// propose notes a row as a candidate if its core reaches what is asked.
func (s *search) propose(row int, found, given uint32, core uint64, w *scratch) {
	p := s.m.prep
	r := scored{first: p.weights.phi(found), second: p.weights.phi(given)}
	if r.core, r.tier = p.weights.core(r.first, r.second); r.core < core {
		return
	}
	if s.firm.profile.Side == Second {
		r.first, r.second = r.second, r.first
	}
	w.candidates = append(w.candidates, candidate{row, r})
}

// settle scores the candidates in full, the largest core first, and ends with the first that cannot enter any more.
func (s *search) settle(t *tile, limit int, w *scratch) {
	slices.SortFunc(w.candidates, func(a, b candidate) int {
		switch {
		case a.rate.core != b.rate.core:
			return int(b.rate.core) - int(a.rate.core) //nolint:gosec // at most 65280
		}
		return a.row - b.row
	})
	for i := range w.candidates {
		c := &w.candidates[i]
		if core, open := s.asked(c.rate.tier, limit); !open || c.rate.core < core {
			return
		}
		s.score(t.firms[c.row], &c.rate)
	}
}

// score completes a pair's score and shows it to the list, unless something stands against the pair.
func (s *search) score(other *firm, rate *scored) {
	if s.m.blocked(s.firm, other) != NoCause {
		return
	}
	first, second := inOrder(s.firm, other)
	s.m.prep.modulate(rate, first, second)
	s.best.show(place{rate.tier, rate.score, other})
}

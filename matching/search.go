package matching

import (
	"math"
	"math/bits"
	"slices"
)

// search finds one organisation's list, tile by tile. It is exact because it only ever passes over a pair whose upper bound
// stays below the worst place of a full list, and scores what is left by the functions that define the score:
//
//  1. From the worst place follows the least core that may still enter (leastCore), and from that, with the most that a
//     tile can give on one side, the least raw coverage on the other (leastCoverage, leastRaw).
//  2. Two gates of bitmaps, one for each direction of coverage, leave the rows that may reach both. Where no word is shared
//     the text term is nothing, so that those rows must reach more.
//  3. For what is left, both coverages are summed up exactly; what does not reach the core falls.
//  4. The rest are scored in full, the most promising first, so that the worst place rises early.
//
// Pairs in which one side finds nothing form the second tier. They are looked for only if the first did not fill the list.
type search struct {
	*query
	m    *Market
	best best
	// admits is asked about every row that passes the gates, unless it is nil.
	admits func(*firm) bool
	// sought is set where only its place in the list is asked for: see rank.
	sought *firm
}

// decided tells whether the list is full without the one whose place is asked for, so that nothing can change the answer.
func (s *search) decided() bool { return s.sought != nil && s.best.last().firm != s.sought }

// scratch is what searches of one worker use again and again.
type scratch struct {
	find, give, once bitmap
	rows             []uint16
	found, given     []uint32 // raw coverages of rows
	products         []uint64 // bounds of the squares of their cores
	candidates       []candidate
	order            []uint64
	heard            []uint64 // by row: which of the organisation's need words its text has
	matched          bitmap   // by word of the tile's needs: whether the organisation's text has it
	passed           Bounds
}

// candidate is a row that only its modulator keeps from its place.
type candidate struct {
	row   int
	limit int // of the modulator
	rate  scored
}

func newScratch() *scratch {
	const words = tileRows / 64
	return &scratch{
		find: make(bitmap, words), give: make(bitmap, words), once: make(bitmap, words),
	}
}

// size makes the bitmaps fit a tile.
func (w *scratch) size(words int) {
	w.find, w.give, w.once = w.find[:words], w.give[:words], w.once[:words]
}

func (m *Market) search(f *firm, top int) *search {
	return &search{query: m.prep.query(f), m: m, best: best{top: top}}
}

// asked is the least core that may enter the list in a tier, beside a modulator of at most limit; not open if the tier
// comes too late.
func (s *search) asked(tier Tier, limit int) (core uint64, open bool) {
	if !s.best.full() {
		return 1, true
	}
	switch last := s.best.last(); {
	case last.tier < tier:
		return 0, false
	case last.tier > tier:
		return 1, true
	default:
		return leastCore(last.score, limit), true
	}
}

// reciprocal looks through a tile for pairs in which both sides find something.
func (s *search) reciprocal(l *layer, w *scratch) {
	t := l.tile
	limit := s.limit(s.m.prep.weights, t)
	core, _ := s.asked(Reciprocal, limit)
	s.mutual(l, core, w)
	if len(w.rows) == 0 {
		return
	}
	s.listen(t, w)
	if s.best.full() && s.sought == nil {
		s.weigh(t, limit, 0, math.MaxUint64, w)
		return
	}
	promising := w.promising(4 * s.best.top)
	s.weigh(t, limit, promising, math.MaxUint64, w)
	if !s.decided() {
		s.weigh(t, limit, 0, promising, w)
	}
}

// mutual lists the rows that may reach a core, in which both sides find something.
func (s *search) mutual(l *layer, core uint64, w *scratch) {
	t := l.tile
	w.passed.Pairs += len(t.firms)
	w.size(t.words)
	least := s.gates(t, core, w)
	if least == 0 {
		w.rows = w.rows[:0]
		return
	}
	w.find.and(l.live)
	s.list(t, w)
	w.passed.Gates += len(w.rows)
	s.sumFound(t, w)
	w.keep(least)
	w.passed.Found += len(w.rows)
	s.sumGiven(t, w)
	s.multiply(core, w)
	w.passed.Given += len(w.rows)
}

// multiply bounds the square of the core of every listed row, and drops the rows that cannot reach a core or have none.
func (s *search) multiply(core uint64, w *scratch) {
	p, n := s.m.prep, 0
	w.products = w.products[:0]
	for i, row := range w.rows {
		f, g := w.found[i], w.given[i]
		product := p.phiAtMost(f) * p.phiAtMost(g)
		if f == 0 || g == 0 || product < core*core {
			continue
		}
		w.rows[n], w.found[n], w.given[n] = row, f, g
		w.products = append(w.products, product)
		n++
	}
	w.rows = w.rows[:n]
}

// promising is a product that about so many rows reach: scored first, they fill the list with places that most of the others
// need not be scored to be seen behind.
func (w *scratch) promising(rows int) uint64 {
	const step = 22
	var count [fullCoverage*fullCoverage>>step + 1]int
	for _, product := range w.products {
		count[product>>step]++
	}
	for i := len(count) - 1; i > 0; i-- {
		if rows -= count[i]; rows <= 0 {
			return uint64(i) << step
		}
	}
	return 0
}

// weigh scores the listed rows whose product is in a range and that may enter the list with what their words bring.
func (s *search) weigh(t *tile, limit int, from, below uint64, w *scratch) {
	limit -= s.textLimit(t)
	asked := s.askedProduct()
	w.candidates = w.candidates[:0]
	for i, row := range w.rows {
		product, f, g := w.products[i], w.found[i], w.given[i]
		if product < from || product >= below || product*fullShare*fullShare < asked {
			continue
		}
		c := candidate{row: int(row), limit: limit + s.textAtMost(t, int(row), f+g, w)}
		if share := uint64(coreShare + c.limit); product*share*share >= asked { //nolint:gosec // a limit is 0 to 255
			s.propose(c, f, g, w)
		}
	}
	s.settle(t, w)
}

// askedProduct is the square of core times the modulator's share that a reciprocal pair must reach.
func (s *search) askedProduct() uint64 {
	if !s.best.full() || s.best.last().tier != Reciprocal {
		return 0
	}
	return leastSquare(s.best.last().score)
}

// textLimit is the part of the modulator's limit that is the text term's.
func (s *search) textLimit(t *tile) int {
	if s.terms[termText] || t.terms[termText] {
		return s.m.prep.weights.terms[termText]
	}
	return 0
}

// gates leaves in w.find the rows that may reach a core, and tells the raw coverage of the organisation's needs that they must
// reach; 0 if there can be none.
func (s *search) gates(t *tile, core uint64, w *scratch) (least uint32) {
	p := s.m.prep
	mostFound, mostGiven := s.mostFound(t), s.mostGiven(t)
	find, give := p.phiAtMost(mostFound), p.phiAtMost(mostGiven)
	if mostFound == 0 || mostGiven == 0 || find*give < core*core {
		return 0
	}
	least = p.weights.leastRaw(leastCoverage(core, give))
	s.findGate(t, least, w.find, w.once)
	s.giveGate(t, p.weights.leastRaw(leastCoverage(core, find)), w.give, w.once)
	w.find.and(w.give)
	return least
}

// oneSided looks through a tile for pairs in which exactly one side finds something.
func (s *search) oneSided(l *layer, w *scratch) {
	p := s.m.prep
	limit := s.limit(p.weights, l.tile)
	core, open := s.asked(OneSided, limit)
	if !open {
		return
	}
	least := p.weights.leastRaw(core * uint64(p.weights.oneSided)) //nolint:gosec // checked to be positive
	s.near(l, least, w)
	w.candidates = w.candidates[:0]
	for i, row := range w.rows {
		if f, g := w.found[i], w.given[i]; (f == 0) != (g == 0) && max(f, g) >= least {
			s.propose(candidate{row: int(row), limit: limit}, f, g, w)
		}
	}
	s.settle(l.tile, w)
}

// near lists the rows that reach a raw coverage, which is not 0, in one direction or the other.
func (s *search) near(l *layer, least uint32, w *scratch) {
	w.size(l.words)
	clear(w.find)
	clear(w.give)
	if s.mostFound(l.tile) >= least {
		s.findGate(l.tile, least, w.find, w.once)
	}
	if s.mostGiven(l.tile) >= least {
		s.giveGate(l.tile, least, w.give, w.once)
	}
	w.find.or(w.give)
	w.find.and(l.live)
	s.list(l.tile, w)
	s.sumFound(l.tile, w)
	s.sumGiven(l.tile, w)
}

// list lists the rows that passed the gates and that the search admits.
func (s *search) list(t *tile, w *scratch) {
	w.rows = w.rows[:0]
	for i, word := range w.find {
		for word != 0 {
			row := i<<6 + bits.TrailingZeros64(word)
			word &= word - 1
			if s.admits == nil || s.admits(t.firms[row]) {
				w.rows = append(w.rows, uint16(row)) //nolint:gosec // below tileRows
			}
		}
	}
}

// sumFound sums up how well the listed rows cover the organisation's needs, as preparer.raw does for one pair.
func (s *search) sumFound(t *tile, w *scratch) {
	w.found = append(w.found[:0], make([]uint32, len(w.rows))...)
	for i, n := range s.needs {
		column := &t.column[n.code()]
		if column.has == nil {
			continue
		}
		weight := n.weight()
		if !s.odd {
			for k, row := range w.rows {
				w.found[k] += weight * uint32(column.at(int(row)))
			}
			continue
		}
		for k, row := range w.rows {
			x := column.at(int(row))
			if other := t.firms[row]; x > 0 && !n.plain(other.class) {
				x = s.m.prep.answer(&s.firm.needs[i], other)
			}
			w.found[k] += weight * uint32(x)
		}
	}
}

// keep drops the listed rows that cover the organisation's needs to less.
func (w *scratch) keep(least uint32) {
	n := 0
	for i, found := range w.found {
		w.rows[n], w.found[n] = w.rows[i], found
		if found >= least {
			n++
		}
	}
	w.rows, w.found = w.rows[:n], w.found[:n]
}

// sumGiven sums up how well the organisation covers the needs of the listed rows.
func (s *search) sumGiven(t *tile, w *scratch) {
	w.given = w.given[:0]
	answer, own := s.answer, s.firm.class
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

// propose takes a row as a candidate if its core and its limit may bring it into the list.
func (s *search) propose(c candidate, found, given uint32, w *scratch) {
	p, r := s.m.prep, &c.rate
	r.first, r.second = p.weights.phi(found), p.weights.phi(given)
	if r.core, r.tier = p.weights.core(r.first, r.second); r.core == 0 {
		return
	}
	if least, open := s.asked(r.tier, c.limit); !open || r.core < least {
		return
	}
	if s.firm.side == Second {
		r.first, r.second = r.second, r.first
	}
	w.candidates = append(w.candidates, c)
}

// settle scores the candidates in full, the most promising first, and ends with the first that cannot enter any more.
func (s *search) settle(t *tile, w *scratch) {
	w.passed.Text += len(w.candidates)
	w.order = w.order[:0]
	for i := range w.candidates {
		c := &w.candidates[i]
		w.order = append(w.order, uint64(scoreOf(c.rate.core, c.limit))<<32|uint64(i)) //nolint:gosec // neither is negative
	}
	slices.Sort(w.order)
	for _, key := range slices.Backward(w.order) {
		c := &w.candidates[key&0xffffffff]
		if s.best.full() {
			if last := s.best.last(); last.tier < c.rate.tier || last.tier == c.rate.tier && int32(key>>32) < last.score { //nolint:gosec // a score
				return
			}
		}
		w.passed.Scored++
		if s.score(t.firms[c.row], &c.rate); s.decided() {
			return
		}
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

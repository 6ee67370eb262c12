package matching

// hosts looks through a tile for organisations in whose standing lists this one has a place, by what they were when the page was
// written. It passes over a row only by bounds that the row's own bar is above; see search.
func (s *search) hosts(l *layer, p *page, w *scratch, found func(row int, at place)) {
	if least, open := p.least.score(Reciprocal); open {
		s.reciprocalHosts(l, p, leastCore(least, s.limit(s.m.prep.weights, l.tile)), w, found)
	}
	if least, open := p.least.score(OneSided); open {
		core := leastCore(least, s.limit(s.m.prep.weights, l.tile))
		s.near(l, s.m.prep.weights.leastRaw(core*uint64(s.m.prep.weights.oneSided)), w) //nolint:gosec // checked to be positive
		for i, row := range w.rows {
			if f, g := w.found[i], w.given[i]; (f == 0) != (g == 0) {
				s.visit(l.tile, p, int(row), f, g, s.limit(s.m.prep.weights, l.tile), found)
			}
		}
	}
}

func (s *search) reciprocalHosts(l *layer, p *page, core uint64, w *scratch, found func(row int, at place)) {
	t := l.tile
	s.mutual(l, core, w)
	if len(w.rows) == 0 {
		return
	}
	s.listen(t, w)
	limit := s.limit(s.m.prep.weights, t)
	apart := limit - s.textLimit(t)
	for i, row := range w.rows {
		score, open := p.bars[row].score(Reciprocal)
		product, asked := w.products[i], leastSquare(score)
		if share := uint64(coreShare + limit); !open || product*share*share < asked { //nolint:gosec // a limit is 0 to 255
			continue
		}
		f, g := w.found[i], w.given[i]
		s.visit(t, p, int(row), f, g, apart+s.textAtMost(t, int(row), f+g, w), found)
	}
}

// visit scores the pair with a row, unless a modulator of at most limit leaves it below the row's bar.
func (s *search) visit(t *tile, p *page, row int, f, g uint32, limit int, found func(row int, at place)) {
	weights, other := s.m.prep.weights, t.firms[row]
	var r scored
	r.first, r.second = weights.phi(f), weights.phi(g)
	if r.core, r.tier = weights.core(r.first, r.second); r.core == 0 || barOf(r.tier, scoreOf(r.core, limit)) < p.bars[row] {
		return
	}
	if s.m.blocked(s.firm, other) != NoCause {
		return
	}
	first, second := inOrder(s.firm, other)
	s.m.prep.modulate(&r, first, second)
	found(row, place{r.tier, r.score, s.firm})
}

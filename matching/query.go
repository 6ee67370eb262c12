package matching

import (
	"cmp"
	"slices"
)

// query is one organisation's question, prepared for tiles.
type query struct {
	firm   *firm
	needs  []packedNeed
	odd    bool            // some of its needs are not plain for some class
	gains  []gain          // what it can bring to a need of the other side, the best first
	answer []uint8         // by capability: how well it answers a need for it
	terms  [termCount]bool // of the modulator: what it can bring in
	wanted []wanted        // the words of its needs
	lookUp []uint64        // those words, each once, as far as bits of a word reach
	more   bool            // they do not reach for all
}

// gain bounds what an organisation's answer can bring to one need of the other side: by the answer and by the largest
// weight that a need for the capability can have.
type gain struct {
	code  int
	value uint32
}

func (p *preparer) query(f *firm) *query {
	q := &query{firm: f, answer: p.answering.by(f, nil), terms: f.mayBring()}
	for i := range f.needs {
		n := pack(&f.needs[i])
		q.needs = append(q.needs, n)
		q.odd = q.odd || !n.plainForAll()
	}
	q.ownWords()
	for c, x := range q.answer {
		if x > 0 {
			q.gains = append(q.gains, gain{c, uint32(x) * p.heaviest[c]})
		}
	}
	slices.SortFunc(q.gains, func(a, b gain) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.code, b.code)) })
	return q
}

// limit is the largest modulator of a pair of this organisation with one of a tile.
func (q *query) limit(w *Weights, t *tile) int {
	limit := 0
	for i, points := range w.terms {
		if may := q.terms[i] || t.terms[i]; may && (term(i) != termPrograms || q.terms[i] && t.terms[i]) {
			limit += points
		}
	}
	return limit
}

// mostFound is the largest raw coverage of its needs by one of a tile.
func (q *query) mostFound(t *tile) uint32 {
	var sum uint32
	for _, n := range q.needs {
		sum += n.weight() * uint32(t.most[n.code()])
	}
	return sum
}

// mostGiven is the largest raw coverage of the needs of one of a tile by its offers.
func (q *query) mostGiven(t *tile) uint32 {
	var sum uint32
	left := t.longest
	for _, g := range q.gains {
		if left <= 0 {
			break
		}
		if n := int(t.repeats[g.code]); n > 0 {
			sum += g.value * uint32(min(n, left)) //nolint:gosec // at most 40
			left -= n
		}
	}
	return sum
}

// Both gates below rest on one argument. Let every item that a row can have bring at most its value, and call those above
// a line strong. A row with no strong item gets at most what as many weak ones bring, and the line is drawn so that this is
// too little. With exactly one, it gets at most that one's value and what weak ones bring beside it. So a row that reaches
// what is asked has a strong item that reaches it alone, with weak ones beside it, or it has two strong items at least.
// Where the line is drawn, so far, is free: it is drawn where fewest rows are expected to pass. A gate leaves in out the
// rows that may reach what is asked; who is not among them cannot.

// findGate marks the rows whose offers may cover this organisation's needs to at least raw, which is not 0.
func (q *query) findGate(t *tile, raw uint32, out, once bitmap) {
	line, fewest, both := 0, -1, false
	for l := range levels {
		weak := q.weak(t, l)
		if weak >= raw {
			break
		}
		alone, strong, two := 0, 0, false
		for _, n := range q.needs {
			c := n.code()
			strong += int(t.answers[l][c])
			at := aloneFrom(t, n, l, weak, raw)
			if at < len(levels) {
				alone += int(t.answers[at][c])
			}
			two = two || at > l && t.answers[l][c] > 0
		}
		if two = two && len(q.needs) > 1; two {
			alone += strong * strong / (2 * len(t.firms))
		}
		if fewest < 0 || alone < fewest {
			line, fewest, both = l, alone, two
		}
	}
	weak := q.weak(t, line)
	clear(out)
	clear(once)
	for _, n := range q.needs {
		c := n.code()
		if both && t.above[line][c] != nil {
			out.orTwice(once, t.above[line][c])
		}
		if at := aloneFrom(t, n, line, weak, raw); at < len(levels) && t.above[at][c] != nil {
			out.or(t.above[at][c])
		}
	}
}

// weak is what answers below a level bring to all needs together, at most.
func (q *query) weak(t *tile, level int) uint32 {
	var sum uint32
	for _, n := range q.needs {
		sum += n.weight() * uint32(min(levels[level]-1, t.most[n.code()]))
	}
	return sum
}

// aloneFrom is the level, not below line, that an answer to one need must have to reach raw with weak answers to all others;
// len(levels) if none is enough.
func aloneFrom(t *tile, n packedNeed, line int, weak, raw uint32) int {
	most := t.most[n.code()]
	beside := weak - n.weight()*uint32(min(levels[line]-1, most))
	wanted := (raw - beside + n.weight() - 1) / n.weight()
	if wanted > uint32(most) {
		return len(levels)
	}
	at := line
	for at+1 < len(levels) && uint32(levels[at+1]) <= wanted {
		at++
	}
	return at
}

// giveGate marks the rows whose needs this organisation's offers may cover to at least raw, which is not 0.
func (q *query) giveGate(t *tile, raw uint32, out, once bitmap) {
	longest := uint32(t.longest) //nolint:gosec // at most 40
	highest := (raw - 1) / longest
	var line uint32
	fewest, both := -1, false
	for _, try := range [...]uint32{0, highest / 2, highest} {
		least := raw - (longest-1)*try
		alone, strong, two := 0, 0, false
		for _, g := range q.gains {
			if g.value <= try {
				break
			}
			n := int(t.wanted[g.code])
			strong += n
			if g.value*uint32(t.repeats[g.code]) >= least {
				alone += n
			} else {
				two = two || n > 0
			}
		}
		if two = two && longest > 1; two {
			alone += strong * strong / (2 * len(t.firms))
		}
		if fewest < 0 || alone < fewest {
			line, fewest, both = try, alone, two
		}
	}
	least := raw - (longest-1)*line
	clear(out)
	clear(once)
	for _, g := range q.gains {
		if g.value <= line {
			break
		}
		b := t.wants[g.code]
		switch {
		case b == nil:
		case both:
			out.orTwice(once, b)
			fallthrough
		default:
			if g.value*uint32(t.repeats[g.code]) >= least {
				out.or(b)
			}
		}
	}
}

package matching

import "math/bits"

// pairCount counts the pairs of one organisation.
type pairCount struct{ eligible, reciprocal, oneSided int }

func (n *pairCount) add(other pairCount) {
	n.eligible += other.eligible
	n.reciprocal += other.reciprocal
	n.oneSided += other.oneSided
}

// count counts an organisation's pairs by coverage alone, most of them 64 at a time.
func (m *Market) count(f *firm, w *scratch) pairCount {
	var n pairCount
	if !f.takes {
		return n
	}
	q := m.prep.query(f)
	others := m.sides[f.side.Other()]
	for i := range others.layers {
		l := &others.layers[i]
		w.size(l.words)
		m.eligible(f, l, w.once, w.find)
		m.finds(q, l.tile, w.once, w.find)
		m.gives(q, l.tile, w.once, w.give)
		for k, may := range w.once {
			n.eligible += bits.OnesCount64(may)
			n.reciprocal += bits.OnesCount64(may & w.find[k] & w.give[k])
			n.oneSided += bits.OnesCount64(may & (w.find[k] ^ w.give[k]))
		}
	}
	for _, other := range others.fresh {
		n.add(m.countOne(f, other))
	}
	return n
}

// countOne counts a single pair.
func (m *Market) countOne(f, other *firm) (n pairCount) {
	if m.blocked(f, other) != NoCause {
		return n
	}
	n.eligible = 1
	switch one, two := m.prep.raw(f, other), m.prep.raw(other, f); {
	case one > 0 && two > 0:
		n.reciprocal = 1
	case one > 0 || two > 0:
		n.oneSided = 1
	}
	return n
}

// eligible marks the rows with which nothing blocks an organisation, as Market.blocked decides it pair by pair.
func (m *Market) eligible(f *firm, l *layer, out, spare bitmap) {
	clear(out)
	clear(spare)
	for mode := CoDevelopment; int(mode) <= modeCount; mode++ {
		if b := l.modes[0][mode]; b != nil && f.modes[0].Has(mode) && f.class != government {
			out.or(b)
		}
		if b := l.modes[1][mode]; b != nil && f.modes[1].Has(mode) {
			spare.or(b)
		}
	}
	governments := l.class[government]
	for i := range out {
		bodies := uint64(0)
		if governments != nil {
			bodies = governments[i]
		}
		if f.class == government {
			bodies = ^uint64(0)
		}
		out[i] = (out[i]&^bodies | spare[i]&bodies) & l.live[i]
	}
	for _, row := range l.particular {
		if out.has(int(row)) && m.blocked(f, l.firms[row]) != NoCause {
			out.drop(int(row))
		}
	}
	for _, id := range f.excluded {
		m.drop(id, f, l, out)
	}
	for _, h := range m.facts.Holds {
		switch {
		case h.State != GateBlock:
		case h.First == f.id && h.Second == "":
			clear(out)
		case h.First == f.id:
			m.drop(h.Second, f, l, out)
		default:
			m.drop(h.First, f, l, out)
		}
	}
}

// drop takes an organisation out if it is a row of the tile and blocked.
func (m *Market) drop(id string, f *firm, l *layer, out bitmap) {
	if row, ok := l.row(id); ok && out.has(row) && m.blocked(f, l.firms[row]) != NoCause {
		out.drop(row)
	}
}

// finds marks the rows whose offers answer some need of an organisation; of those that are not eligible it may be wrong.
func (m *Market) finds(q *query, t *tile, eligible, out bitmap) {
	clear(out)
	for i, n := range q.needs {
		b := t.above[0][n.code()]
		for class := range classCount {
			of := t.class[class]
			if b == nil || of == nil {
				continue
			}
			for k, word := range b {
				hits := word & of[k] & eligible[k] &^ out[k]
				if n.plain(class) {
					out[k] |= hits
					continue
				}
				for ; hits != 0; hits &= hits - 1 {
					row := k<<6 + bits.TrailingZeros64(hits)
					if m.prep.answer(&q.firm.needs[i], t.firms[row]) > 0 {
						out.set(row)
					}
				}
			}
		}
	}
}

// gives marks the rows of which some need is answered by an organisation's offers; of those that are not eligible it may be
// wrong.
func (m *Market) gives(q *query, t *tile, eligible, out bitmap) {
	clear(out)
	for _, g := range q.gains {
		if b := t.wants[g.code]; b != nil {
			out.or(b)
		}
	}
	for k, word := range out {
		for odd := word & t.odd[k] & eligible[k]; odd != 0; odd &= odd - 1 {
			row := k<<6 + bits.TrailingZeros64(odd)
			if m.prep.raw(t.firms[row], q.firm) == 0 {
				out.drop(row)
			}
		}
	}
}

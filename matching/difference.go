package matching

import (
	"maps"
	"slices"
)

// differences finds the organisations of one market that are not the same in another.
func (m *Market) differences(next *Market) (gone, come []*firm) {
	for side := range m.sides {
		g, c := m.sides[side].differences(next.sides[side])
		gone, come = append(gone, g...), append(come, c...)
	}
	concerned := map[string]bool{}
	for _, h := range append(blocks(m.facts.Holds, next.facts.Holds), blocks(next.facts.Holds, m.facts.Holds)...) {
		concerned[h.First] = true // every pair that a decision is about has its first organisation in it
	}
	for _, id := range slices.Sorted(maps.Keys(concerned)) {
		if f := m.roster.find(id); f != nil && f == next.roster.find(id) {
			gone, come = append(gone, f), append(come, f)
		}
	}
	return gone, come
}

// blocks lists the decisions that block somebody and are not among others.
func blocks(holds, others []Hold) []Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool {
		return h.State != GateBlock || slices.ContainsFunc(others, func(o Hold) bool {
			return o.State == GateBlock && o.First == h.First && o.Second == h.Second
		})
	})
}

// differences finds the organisations of one index that are not in another. Tiles that both have are compared by who is gone.
func (x *index) differences(next *index) (gone, come []*firm) {
	shared := make(map[*tile]*layer, len(x.layers))
	for i := range x.layers {
		shared[x.layers[i].tile] = &x.layers[i]
	}
	apart := func(l *layer, other *layer, firms []*firm) []*firm {
		for row, f := range l.firms {
			if (l.gone == nil || !l.gone.has(row)) && other.gone != nil && other.gone.has(row) {
				firms = append(firms, f)
			}
		}
		return firms
	}
	ours, theirs := slices.Clone(x.fresh), slices.Clone(next.fresh)
	for i := range next.layers {
		l := &next.layers[i]
		if before := shared[l.tile]; before != nil {
			if !slices.Equal(l.gone, before.gone) {
				gone, come = apart(before, l, gone), apart(l, before, come)
			}
			delete(shared, l.tile)
		} else {
			theirs = l.append(theirs)
		}
	}
	for i := range x.layers {
		if l := &x.layers[i]; shared[l.tile] != nil {
			ours = l.append(ours)
		}
	}
	return append(gone, without(ours, theirs)...), append(come, without(theirs, ours)...)
}

// without lists the organisations that are not among others.
func without(firms, others []*firm) []*firm {
	among := make(map[*firm]bool, len(others))
	for _, f := range others {
		among[f] = true
	}
	return slices.DeleteFunc(slices.Clone(firms), func(f *firm) bool { return among[f] })
}

package matching

import (
	"slices"
)

// index holds the organisations of one side: most of them in tiles, and those that came since the tiles were made in a short
// list. It never changes; its methods return changed copies that share every tile that stayed.
type index struct {
	layers []layer
	fresh  []*firm // in no tile yet
}

// layer is a tile and what of it still counts.
type layer struct {
	*tile
	gone bitmap // replaced or removed since the tile was made; nil if nobody was
	live bitmap // takes part and is not gone
	left int    // how many are not gone
}

func newIndex(y layout, firms []*firm) *index {
	parts := y.arranged(firms)
	x := &index{layers: make([]layer, len(parts))}
	together(len(parts), func(i int) { x.layers[i] = newLayer(newTile(y.answering, parts[i])) })
	return x
}

func newLayer(t *tile) layer { return layer{tile: t, live: t.takesPart, left: len(t.firms)} }

// with returns the index without those that are gone, of which each is in it, and with newcomers.
func (x *index) with(y layout, gone, newcomers []*firm) *index {
	next := &index{layers: x.layers, fresh: x.fresh}
	copied := make(map[int]bool)
	for _, f := range gone {
		if i := slices.Index(next.fresh, f); i >= 0 {
			next.fresh = slices.Delete(slices.Clone(next.fresh), i, i+1)
			continue
		}
		i, row := x.find(f)
		if len(copied) == 0 {
			next.layers = slices.Clone(next.layers)
		}
		l := &next.layers[i]
		if !copied[i] {
			copied[i] = true
			l.gone, l.live = append(make(bitmap, 0, l.words), l.gone...)[:l.words], slices.Clone(l.live)
		}
		l.gone.set(row)
		l.live[row>>6] &^= 1 << (row & 63)
		l.left--
	}
	next.fresh = slices.Concat(next.fresh, newcomers)
	if len(next.fresh) > y.fresh {
		added := newIndex(y, next.fresh)
		next.layers, next.fresh = slices.Concat(next.layers, added.layers), nil
	}
	return next
}

// find tells in which layer and row an organisation is.
func (x *index) find(f *firm) (at, row int) {
	at, row, ok := x.where(f)
	if !ok {
		panic("matching: " + f.id + " is in the roster and not in the index")
	}
	return at, row
}

// where tells in which layer and row an organisation is, also one that is gone; not ok if it is in none.
func (x *index) where(f *firm) (at, row int, ok bool) {
	for i := range x.layers {
		if row, ok := x.layers[i].row(f.id); ok && x.layers[i].firms[row] == f {
			return i, row, true
		}
	}
	return 0, 0, false
}

// scant tells whether a layer is worth laying out anew.
func (l *layer) scant(y layout) bool { return l.left < y.rows/2 || 4*l.left < 3*len(l.firms) }

// loose counts who waits for a tile, and who is in a scant one that could be joined with another.
func (x *index) loose(y layout) int {
	n, largest := 0, 0
	for i := range x.layers {
		if l := &x.layers[i]; l.scant(y) {
			n += l.left
			largest = max(largest, l.left)
		}
	}
	return n - largest + len(x.fresh)
}

// sealed returns the index with everybody in tiles: fresh organisations, small tiles and tiles of which much is gone are laid
// out anew; full ones stay.
func (x *index) sealed(y layout) *index {
	next, loose := &index{}, slices.Clone(x.fresh)
	for i := range x.layers {
		if l := &x.layers[i]; l.scant(y) {
			loose = l.append(loose)
		} else {
			next.layers = append(next.layers, *l)
		}
	}
	next.layers = append(next.layers, newIndex(y, loose).layers...)
	return next
}

// append adds those of a layer that still count.
func (l *layer) append(firms []*firm) []*firm {
	for row, f := range l.firms {
		if l.gone == nil || !l.gone.has(row) {
			firms = append(firms, f)
		}
	}
	return firms
}

// all lists everybody, by id.
func (x *index) all() []*firm {
	firms := slices.Clone(x.fresh)
	for i := range x.layers {
		firms = x.layers[i].append(firms)
	}
	slices.SortFunc(firms, byID)
	return firms
}

// size is how many organisations there are.
func (x *index) size() int {
	n := len(x.fresh)
	for i := range x.layers {
		n += x.layers[i].left
	}
	return n
}

package matching

import "github.com/canada-korea-roadshow/tandem/matching/catalog"

// Relation says how an offer's capability lies to that of the need it answers.
type Relation uint8

// The relations: first those of the tree, then those of the adjacency table.
const (
	Unrelated Relation = iota
	Exact
	Narrower  // the offer is more specific
	Broader   // the offer is less specific
	Sibling   // two leaves of one group
	Adjacent  // the two complete each other: an edge of the table
	SecondHop // the two complete the same third capability
)

var relationNames = []string{"RELATION_UNSPECIFIED", "EXACT", "NARROWER", "BROADER", "SIBLING", "ADJACENT", "SECOND_HOP"}

// String returns the contract's name.
func (r Relation) String() string { return nameOf(relationNames, uint8(r)) }

// affinities is the table of how well an offer of one capability answers a need for another: the tree and the
// adjacency graph folded into one byte for each pair of capabilities, once per catalogue and weights.
type affinities struct {
	size     int
	value    []uint8
	relation []Relation
	via      []catalog.Code // of a SecondHop: the capability in the middle
	answered [][]near       // by offer: the needs that it answers
}

// near is a need that an offer answers, and how well.
type near struct {
	need  catalog.Code
	value uint8
}

func (a *affinities) at(need, offer catalog.Code) int { return int(need)*a.size + int(offer) }

// row are the affinities of a need to all offers.
func (a *affinities) row(need catalog.Code) []uint8 { return a.value[int(need)*a.size:][:a.size] }

// of returns the affinity, 0..255.
func (a *affinities) of(need, offer catalog.Code) int { return int(a.value[a.at(need, offer)]) }

func newAffinities(cat *catalog.Catalog, w *Weights) *affinities {
	n := cat.Len()
	a := &affinities{size: n, value: make([]uint8, n*n), relation: make([]Relation, n*n), via: make([]catalog.Code, n*n)}
	for _, c := range cat.Capabilities() {
		a.tree(cat, w, c.Index)
	}
	for _, e := range cat.Edges() {
		a.edge(cat, w, e)
	}
	for _, middle := range cat.Capabilities() {
		a.secondHops(cat, w, middle.Index)
	}
	a.answered = make([][]near, n)
	for offer := range catalog.Code(n) { //nolint:gosec // a catalogue's codes are 16 bits
		for need := range catalog.Code(n) { //nolint:gosec // as above
			if value := a.value[a.at(need, offer)]; value > 0 {
				a.answered[offer] = append(a.answered[offer], near{need, value})
			}
		}
	}
	return a
}

// raise keeps the best reason why an offer answers a need; the first of equals stays.
func (a *affinities) raise(need, offer catalog.Code, value int, relation Relation, via catalog.Code) {
	if i := a.at(need, offer); value > int(a.value[i]) {
		a.value[i], a.relation[i], a.via[i] = uint8(value), relation, via //nolint:gosec // weights are checked bytes
	}
}

// tree fills in what lies above, below and beside a need. The same root alone is nothing: loose matches hurt.
func (a *affinities) tree(cat *catalog.Catalog, w *Weights, need catalog.Code) {
	a.raise(need, need, w.exact, Exact, 0)
	for i, above := range cat.Ancestors(need) {
		a.raise(need, above, [...]int{w.broader1, w.broader2}[i], Broader, 0)
		a.raise(above, need, [...]int{w.narrower1, w.narrower2}[i], Narrower, 0)
	}
	if parent, ok := cat.Parent(need); ok && cat.Capability(need).Depth == 3 {
		for _, beside := range cat.Children(parent) {
			a.raise(need, beside, w.sibling, Sibling, 0)
		}
	}
}

// edge fills in an edge in both directions and spreads it, weaker, to what lies below its ends.
func (a *affinities) edge(cat *catalog.Catalog, w *Weights, e catalog.Edge) {
	full := w.adjacent * e.Weight / 1000
	for _, from := range cat.Capabilities() {
		if !cat.Within(from.Index, e.From) {
			continue
		}
		for _, to := range cat.Capabilities() {
			if !cat.Within(to.Index, e.To) {
				continue
			}
			value := full
			for range from.Depth - cat.Capability(e.From).Depth + to.Depth - cat.Capability(e.To).Depth {
				value = value * w.spread / 100
			}
			a.raise(from.Index, to.Index, value, Adjacent, 0)
			a.raise(to.Index, from.Index, value, Adjacent, 0)
		}
	}
}

// secondHops joins the neighbours of one capability that form a chain through it, if both edges are strong enough: a
// steel plate goes into a block and the block into a ship. Two inputs of one thing are no chain; they do not complete
// each other.
func (a *affinities) secondHops(cat *catalog.Catalog, w *Weights, middle catalog.Code) {
	edges := cat.EdgesOf(middle)
	for _, one := range edges {
		for _, two := range edges {
			need, offer := one.Other(middle), two.Other(middle)
			chain := !one.Directed() || !two.Directed() || (one.To == middle) != (two.To == middle)
			if need == offer || !chain || one.Weight < w.secondFloor || two.Weight < w.secondFloor {
				continue
			}
			a.raise(need, offer, w.second*one.Weight*two.Weight/1000/1000, SecondHop, middle)
		}
	}
}

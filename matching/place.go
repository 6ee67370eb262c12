package matching

import (
	"slices"
	"strings"
)

// place is a counterpart in a list.
type place struct {
	tier  Tier
	score int32
	firm  *firm
}

// before is the one order of all lists: tier, then score, then id.
func (a place) before(b place) bool { return comparePlaces(a, b) < 0 }

func comparePlaces(a, b place) int {
	switch { // ids lie far away in memory, and most places differ before
	case a.tier != b.tier:
		return int(a.tier) - int(b.tier)
	case a.score != b.score:
		return int(b.score - a.score)
	}
	return strings.Compare(a.firm.id, b.firm.id)
}

// best keeps the first places of all that it is shown: a heap with the last of them on top, so that what comes after it is
// refused at once. Places are a total order, so what it keeps does not depend on the order of showing.
type best struct {
	top  int
	heap []place
}

func (b *best) full() bool { return len(b.heap) == b.top }

// last is the place that a newcomer must come before; there is one only once the list is full.
func (b *best) last() place { return b.heap[0] }

// show keeps a place if it is among the first.
func (b *best) show(p place) {
	switch {
	case !b.full():
		b.heap = append(b.heap, p)
		b.rise(len(b.heap) - 1)
	case p.before(b.heap[0]):
		b.heap[0] = p
		b.sink()
	}
}

func (b *best) rise(i int) {
	for i > 0 {
		above := (i - 1) / 2
		if !b.heap[above].before(b.heap[i]) {
			return
		}
		b.heap[above], b.heap[i] = b.heap[i], b.heap[above]
		i = above
	}
}

func (b *best) sink() {
	for i := 0; ; {
		worst := i
		for _, below := range [...]int{2*i + 1, 2*i + 2} {
			if below < len(b.heap) && b.heap[worst].before(b.heap[below]) {
				worst = below
			}
		}
		if worst == i {
			return
		}
		b.heap[worst], b.heap[i] = b.heap[i], b.heap[worst]
		i = worst
	}
}

// sorted returns what was kept, best first.
func (b *best) sorted() []place {
	places := slices.Clone(b.heap)
	slices.SortFunc(places, comparePlaces)
	return places
}

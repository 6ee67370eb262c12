package names

import (
	"cmp"
	"slices"
)

// Named is something with names to compare: an organisation.
type Named struct {
	// ID tells it apart from the others.
	ID string
	// Names are what it is called: usual and native name, aliases. Empty ones are passed over.
	Names []string
}

// Suspicion is that two are one.
type Suspicion struct {
	First, Second int    // indexes into the list, First before Second
	Likeness      int    // 0..100
	One, Two      string // the names that are alike, as written
}

// maxBlock is how many may share a word before the word says nothing: "Korea" stands in a hundred names.
const maxBlock = 40

// Suspects lists the pairs whose names are at least so alike, the most alike first. Only pairs that share a word, or the beginning of
// their keys, are compared.
func Suspects(list []Named, floor int) []Suspicion {
	blocks := make(map[string][]int)
	for i, n := range list {
		for _, key := range blockKeys(n) {
			blocks[key] = append(blocks[key], i)
		}
	}
	seen := make(map[[2]int]bool)
	var found []Suspicion
	for _, block := range blocks {
		if len(block) > maxBlock {
			continue
		}
		for i, a := range block {
			for _, b := range block[i+1:] {
				pair := [2]int{min(a, b), max(a, b)}
				if seen[pair] {
					continue
				}
				seen[pair] = true
				if s := compare(list, pair); s.Likeness >= floor {
					found = append(found, s)
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b Suspicion) int {
		return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	})
	return found
}

// blockKeys are the groups in which an entry is compared: each word of its names, and the first letters of each key.
func blockKeys(n Named) []string {
	var keys []string
	for _, name := range n.Names {
		for _, w := range Words(name) {
			if len([]rune(w)) > 1 {
				keys = append(keys, "word "+w)
			}
		}
		if start := []rune(Key(name)); len(start) > 0 {
			keys = append(keys, "start "+string(start[:min(3, len(start))]), "key "+string(start))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// compare takes the most alike of all names of two.
func compare(list []Named, pair [2]int) Suspicion {
	s := Suspicion{First: pair[0], Second: pair[1]}
	for _, one := range list[pair[0]].Names {
		for _, two := range list[pair[1]].Names {
			if l := Likeness(one, two); l > s.Likeness {
				s.Likeness, s.One, s.Two = l, one, two
			}
		}
	}
	return s
}

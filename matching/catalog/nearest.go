package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Bounds on how much of an unknown code is compared; the rest cannot help a reader.
const (
	maxUnknownRunes = 64
	maxUnknownWords = 8
)

type near struct {
	code  Code
	score int // 0..1000
}

// Nearest returns the n capabilities that an unknown code or text most resembles, for errors: by spelling against code,
// last part, names and synonyms, and word by word. It always returns n where the catalogue has as many.
func (c *Catalog) Nearest(unknown string, n int) []string {
	found := c.nearest(unknown, n)
	codes := make([]string, len(found))
	for i, f := range found {
		codes[i] = c.capabilities[f.code].Code
	}
	return codes
}

func (c *Catalog) nearest(unknown string, n int) []near {
	t := newText(clip(unknown, 4*maxUnknownRunes))
	t.words = t.words[:min(len(t.words), maxUnknownWords)]
	whole := clipRunes(t.joined)
	all := make([]near, len(c.capabilities))
	for i := range c.capabilities {
		all[i] = near{code: c.capabilities[i].Index, score: c.resemblance(t, whole, &c.capabilities[i])}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(b.score, a.score) })
	return all[:max(0, min(n, len(all)))]
}

func clipRunes(s string) []rune {
	runes := []rune(s)
	return runes[:min(len(runes), maxUnknownRunes)]
}

// resemblance weighs how the unknown is spelt as a whole (three fifths) and how many of its words occur (two fifths).
func (c *Catalog) resemblance(t text, whole []rune, node *Capability) int {
	last := node.Code[strings.LastIndexByte(node.Code, '.')+1:]
	others := []text{newText(node.Code), newText(last)}
	for _, i := range c.terms.of[node.Index] {
		others = append(others, c.terms.terms[i].text)
	}
	spelling := 0
	for _, other := range others {
		spelling = max(spelling, similarity(whole, clipRunes(other.joined), spelling))
	}
	met := 0
	for _, w := range t.words {
		best := 0
		for _, other := range others {
			for _, o := range other.words {
				best = max(best, similarity([]rune(w.stem), []rune(o.stem), max(best, 600)))
			}
		}
		met += best
	}
	return (3*spelling + 2*met/max(1, len(t.words))) / 5
}

// similarity is 1000 for equal words, less by the share of letters to be changed, and 0 where it would not exceed floor.
func similarity(a, b []rune, floor int) int {
	longest := max(len(a), len(b))
	if longest == 0 || 1000*min(len(a), len(b))/longest <= floor {
		return 0
	}
	score := 1000 * (longest - distance(a, b)) / longest
	if score <= floor {
		return 0
	}
	return score
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b []rune) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}

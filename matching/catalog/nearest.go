package catalog

import (
	"cmp"
	"math/bits"
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
	whole, words := newLetters(t.joined), []letters{}
	for _, w := range t.words[:min(len(t.words), maxUnknownWords)] {
		words = append(words, newLetters(w.stem))
	}
	all := make([]near, len(c.capabilities))
	for i := range c.capabilities {
		all[i] = near{code: c.capabilities[i].Index, score: c.terms.spellings[i].resemblance(whole, words)}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(b.score, a.score) })
	return all[:max(0, min(n, len(all)))]
}

// letters is a word with the set of its letters, hashed to 64, for telling quickly that two words are too different.
type letters struct {
	runes []rune
	set   uint64
}

func newLetters(s string) letters {
	w := letters{runes: []rune(s)}
	w.runes = w.runes[:min(len(w.runes), maxUnknownRunes)]
	for _, r := range w.runes {
		w.set |= 1 << (r % 64)
	}
	return w
}

// spelling is how a capability is written: its code, the code's last part, its names and synonyms.
type spelling struct {
	wholes []letters // each without spaces
	words  []letters // the stems in them, each once
}

func newSpelling(node Capability) spelling {
	written := []string{node.Code, node.Code[strings.LastIndexByte(node.Code, '.')+1:]}
	for _, l := range Languages() {
		written = append(append(written, node.Name[l]), node.Synonyms[l]...)
	}
	var s spelling
	seen := map[string]bool{}
	for _, w := range written {
		t := newText(w)
		s.wholes = append(s.wholes, newLetters(t.joined))
		for _, w := range t.words {
			if !seen[w.stem] {
				seen[w.stem] = true
				s.words = append(s.words, newLetters(w.stem))
			}
		}
	}
	return s
}

// Words that differ in more than two letters of five are other words; a whole spelling is allowed a little more, because
// one of its words may be missing.
const (
	minWordSimilarity = 600
	minSpelling       = 400
)

// resemblance weighs how the unknown is spelt as a whole (three fifths) and how many of its words occur (two fifths).
func (s spelling) resemblance(whole letters, words []letters) int {
	spelt, met := minSpelling, 0
	for _, other := range s.wholes {
		spelt = max(spelt, similarity(whole, other, spelt))
	}
	for _, word := range words {
		best := 0
		for _, other := range s.words {
			best = max(best, similarity(word, other, max(best, minWordSimilarity)))
		}
		met += best
	}
	return (3*spelt + 2*met/max(1, len(words))) / 5
}

// similarity is 1000 for equal words, less by the share of letters to be changed, and 0 where it would not exceed floor.
// A letter that only one of them has takes a change, which bounds it before anything is counted.
func similarity(a, b letters, floor int) int {
	shortest, longest := min(len(a.runes), len(b.runes)), max(len(a.runes), len(b.runes))
	changes := max(longest-shortest, bits.OnesCount64(a.set&^b.set), bits.OnesCount64(b.set&^a.set))
	if longest == 0 || 1000*(longest-changes)/longest <= floor {
		return 0
	}
	score := 1000 * (longest - distance(a.runes, b.runes)) / longest
	if score <= floor {
		return 0
	}
	return score
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b, both of at most
// maxUnknownRunes.
func distance(a, b []rune) int {
	var rows [3][maxUnknownRunes + 1]int
	before, previous, current := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
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

package catalog

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// term is a name or synonym of a capability, prepared for matching.
type term struct {
	code     Code
	language Language
	written  string // as it stands in the file
	text     text
	short    bool // three Latin characters or fewer: matches whole words only
}

// termIndex finds terms in texts. Terms of Latin words are looked up word by word, terms with Hangul anywhere in the
// text without its spaces.
type termIndex struct {
	terms     []term
	spellings []spelling       // of each capability, by Code
	latin     map[string][]int // by both latinKeys
	joint     map[string][]int // by joined text
	maxWords  int              // longest Latin term, in words
	maxBytes  int              // longest joint term, in bytes
}

func newTermIndex(capabilities []Capability) *termIndex {
	x := &termIndex{latin: map[string][]int{}, joint: map[string][]int{}}
	for _, node := range capabilities {
		x.spellings = append(x.spellings, newSpelling(node))
		for _, l := range Languages() {
			for _, written := range append([]string{node.Name[l]}, node.Synonyms[l]...) {
				x.add(term{code: node.Index, language: l, written: written, text: newText(written)})
			}
		}
	}
	return x
}

func (x *termIndex) add(t term) {
	if t.text.joined == "" {
		return
	}
	i := len(x.terms)
	if slices.ContainsFunc(t.text.words, func(w word) bool { return w.joint }) {
		x.joint[t.text.joined] = append(x.joint[t.text.joined], i)
		x.maxBytes = max(x.maxBytes, len(t.text.joined))
	} else {
		t.short = len(t.text.joined) <= 3
		for _, key := range latinKeys(t.text.words) {
			x.latin[key] = append(x.latin[key], i)
		}
		x.maxWords = max(x.maxWords, len(t.text.words))
	}
	x.terms = append(x.terms, t)
}

// latinKeys are the one or two forms under which words compare: their stems in a row, and the stem of the words
// written as one, so that "fire control" and "firecontrol" meet.
func latinKeys(words []word) []string {
	if len(words) == 1 {
		return []string{words[0].stem}
	}
	var stems, folded strings.Builder
	for _, w := range words {
		stems.WriteString(w.stem)
		folded.WriteString(w.folded)
	}
	keys := []string{stems.String(), stem(folded.String())}
	return slices.Compact(keys)
}

// hit is a term found in a text, with the bytes of text.joined that it covers.
type hit struct {
	term       int
	start, end int
}

func (h hit) len() int { return h.end - h.start }

// find returns the terms in a text. A term inside a longer found one is left out: who writes "towed array sonar" does
// not also mean sonars of every kind. Hits come ordered by place, longest first, then by term.
func (x *termIndex) find(t text) []hit {
	hits := slices.Concat(x.findLatin(t), x.findJoint(t))
	slices.SortFunc(hits, func(a, b hit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		if a.end != b.end {
			return b.end - a.end
		}
		return a.term - b.term
	})
	kept, reach, reached := hits[:0], 0, hit{}
	for _, h := range slices.Compact(hits) {
		// In this order whatever contains h came before it, and one that reaches furthest contains it if any does.
		if h.end <= reach && (h.start != reached.start || h.end != reached.end) {
			continue
		}
		if h.end > reach {
			reach, reached = h.end, h
		}
		kept = append(kept, h)
	}
	return kept
}

func (x *termIndex) findLatin(t text) []hit {
	var hits []hit
	for first := range t.words {
		for n := 1; n <= x.maxWords+1 && first+n <= len(t.words) && !t.words[first+n-1].joint; n++ {
			words := t.words[first : first+n]
			last := words[n-1]
			for _, key := range latinKeys(words) {
				for _, i := range x.latin[key] {
					if x.terms[i].fits(words, len(t.words) == n) {
						hits = append(hits, hit{term: i, start: words[0].start, end: last.start + len(last.folded)})
					}
				}
			}
		}
	}
	return hits
}

// fits applies the rules for short terms: whole words only ("AM" is not in "AMS"; the plural "UAVs" is allowed), and a
// term that looks like an ordinary word counts inside a longer text only when written in capitals.
func (t *term) fits(words []word, whole bool) bool {
	if t.short {
		if len(words) != len(t.text.words) {
			return false
		}
		for i, w := range words {
			want := t.text.words[i]
			if w.folded != want.folded && w.raw != strings.ToUpper(want.folded)+"s" {
				return false
			}
		}
	}
	if !whole && len(words) == 1 && slices.Contains(ordinaryWords, t.text.joined) {
		return words[0].raw == strings.ToUpper(words[0].raw)
	}
	return true
}

// ordinaryWords are abbreviations in the vocabulary that are also everyday words of English or French: "I am", "ses
// produits", "they add". Sorted.
var ordinaryWords = []string{
	"add", "am", "cad", "cert", "cos", "dam", "das", "end", "era", "fa", "fog", "fos", "ge", "hip", "ils", "im", "ip",
	"leo", "lid", "mac", "mad", "male", "mar", "mus", "nab", "pac", "ped", "pi", "pie", "ram", "rap", "sas", "ses", "sic",
}

func (x *termIndex) findJoint(t text) []hit {
	if !slices.ContainsFunc(t.words, func(w word) bool { return w.joint }) {
		return nil
	}
	var hits []hit
	for start := range t.joined {
		for end := start + 1; end <= min(len(t.joined), start+x.maxBytes); end++ {
			if end < len(t.joined) && !utf8.RuneStart(t.joined[end]) {
				continue
			}
			if terms := x.joint[t.joined[start:end]]; terms != nil && standsAlone(t, start, end) {
				for _, i := range terms {
					hits = append(hits, hit{term: i, start: start, end: end})
				}
			}
		}
	}
	return hits
}

// standsAlone applies the rules for terms with Hangul. They are looked for anywhere, because compounds and particles are
// written without spaces; but a Latin edge must be the edge of a word, a single syllable must be a word by itself, and a
// word of two syllables with one more that is neither particle nor suffix is another word (소나 is not in 소나무).
func standsAlone(t text, start, end int) bool {
	term := t.joined[start:end]
	first, _ := utf8.DecodeRuneInString(term)
	last, _ := utf8.DecodeLastRuneInString(term)
	if !writtenJointly(first) && !t.edges[start] || !writtenJointly(last) && !t.edges[end] {
		return false
	}
	syllables := utf8.RuneCountInString(term)
	if syllables > 2 || t.edges[start] && t.edges[end] {
		return true
	}
	following, size := utf8.DecodeRuneInString(t.joined[end:])
	suffixed := t.edges[start] && !t.edges[end] && t.edges[end+size]
	if syllables == 1 {
		return suffixed && strings.ContainsRune(particles, following)
	}
	return !suffixed || strings.ContainsRune(particles+suffixes, following)
}

// particles are the one-syllable particles that follow a Korean noun; suffixes make a compound that still names it.
const (
	particles = "은는이가을를의와과도만에로나랑"
	suffixes  = "용류및등군체부식형재품망업계급기함선탄차비량"
)

package matching

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
)

// maxPhrase is how many words a name or synonym of the catalogue may span to be found inside a text.
const maxPhrase = 6

// lexicon reads free text in three languages: it cuts words to stems, drops those that the whole trade uses, and finds
// the specific capabilities that a text mentions by any of their names and synonyms. A mention is a word like any other,
// written "#" and the code: so a Korean text confirms an English need.
type lexicon struct {
	stop    map[string]bool
	phrases map[string][]catalog.Code // stems of a term, joined -> capabilities of that term
	terms   [][]phrase                // by capability: its names and synonyms
	codes   []string
	leaf    []bool // by capability: specific enough for a mention to say something
}

// phrase is a name or synonym: its stems, or for Hangul all of it without spaces, because compounds are written both ways.
type phrase struct {
	stems  []string
	joined string
}

func newLexicon(cat *catalog.Catalog, w *Weights) *lexicon {
	x := &lexicon{stop: map[string]bool{}, phrases: map[string][]catalog.Code{}, terms: make([][]phrase, cat.Len())}
	for word := range w.stopWords {
		x.stop[stem(names.Fold(word))] = true
	}
	for _, c := range cat.Capabilities() {
		x.codes, x.leaf = append(x.codes, c.Code), append(x.leaf, cat.Leaf(c.Index))
		for l, name := range c.Name {
			for _, term := range append([]string{name}, c.Synonyms[l]...) {
				words, _ := stems(term)
				x.addTerm(c.Index, words)
			}
		}
	}
	return x
}

func (x *lexicon) addTerm(code catalog.Code, words []string) {
	if len(words) == 0 || len(words) > maxPhrase {
		return
	}
	p := phrase{stems: words, joined: strings.Join(words, "")}
	x.terms[code] = append(x.terms[code], p)
	if !slices.Contains(x.phrases[p.joined], code) {
		x.phrases[p.joined] = append(x.phrases[p.joined], code)
	}
}

// text is what an organisation says about itself or about a need.
type text struct {
	words  map[string]string // telling stems and mentions, each with its first spelling
	all    map[string]bool   // every stem, telling or not
	joined string            // Hangul without spaces, for compounds
}

// read takes a text of several pieces; words never join across pieces.
func (x *lexicon) read(pieces ...string) text {
	t := text{words: map[string]string{}, all: map[string]bool{}}
	var joined strings.Builder
	for _, piece := range pieces {
		words, spelt := stems(piece)
		for i, word := range words {
			t.all[word] = true
			if _, known := t.words[word]; !known && x.telling(word) {
				t.words[word] = spelt[i]
			}
			if isHangul(word) {
				joined.WriteString(word)
			}
			key := ""
			for _, next := range words[i:min(i+maxPhrase, len(words))] {
				key += next
				for _, code := range x.phrases[key] {
					if x.leaf[code] {
						t.words["#"+x.codes[code]] = ""
					}
				}
			}
		}
		joined.WriteByte(' ')
	}
	t.joined = joined.String()
	return t
}

// telling tells whether a stem says something about a need: no number, no single letter, no trade word.
func (x *lexicon) telling(word string) bool {
	letters := 0
	for _, r := range word {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 2 && !x.stop[word]
}

// support says how far texts together back a claim to do a capability, 0..64: the best share, over all its names and
// synonyms, of a term's words that occur in one of them.
func (x *lexicon) support(code catalog.Code, texts ...text) int {
	best := 0
	for _, p := range x.terms[code] {
		if isHangul(p.joined) && slices.ContainsFunc(texts, func(t text) bool { return strings.Contains(t.joined, p.joined) }) {
			return fullSupport
		}
		met := 0
		for _, word := range p.stems {
			if slices.ContainsFunc(texts, func(t text) bool { return t.all[word] }) {
				met++
			}
		}
		best = max(best, fullSupport*met/len(p.stems))
	}
	return best
}

const fullSupport = 64

// stems cuts a text into words without case, accents, ligatures and inflection, and returns them beside their spelling.
func stems(s string) (cut, spelt []string) {
	isSeparator := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) }
	for word := range strings.FieldsFuncSeq(norm.NFC.String(s), isSeparator) {
		if c := stem(names.Fold(word)); c != "" {
			cut, spelt = append(cut, c), append(spelt, word)
		}
	}
	return cut, spelt
}

// stem cuts common endings of English and French words and the particles of Korean ones. It need not be linguistics:
// it must only cut the same word the same way everywhere.
func stem(word string) string {
	if isHangul(word) {
		return stemHangul(word)
	}
	if len(word) <= 3 {
		return word
	}
	switch {
	case strings.HasSuffix(word, "ies"):
		word = word[:len(word)-3]
	case strings.HasSuffix(word, "es") && len(word) > 5:
		word = word[:len(word)-2]
	case strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "x") && len(word) > 5:
		word = word[:len(word)-1]
	}
	switch {
	case strings.HasSuffix(word, "ing") && len(word) > 6:
		word = word[:len(word)-3]
	case strings.HasSuffix(word, "ed") && len(word) > 5:
		word = word[:len(word)-2]
	case (strings.HasSuffix(word, "e") || strings.HasSuffix(word, "y")) && len(word) > 4:
		word = word[:len(word)-1]
	}
	if n := len(word); n > 4 && word[n-1] == word[n-2] {
		word = word[:n-1]
	}
	return word
}

// particles are the endings that mark a Korean noun's part in the sentence, longer ones first.
var particles = []string{"에서", "으로", "을", "를", "은", "는", "의", "와", "과", "에"}

func stemHangul(word string) string {
	for _, particle := range particles {
		if base, ok := strings.CutSuffix(word, particle); ok && len(base) >= 2*len("가") {
			return base
		}
	}
	return word
}

// isHangul tells whether a word is written in Korean syllables, by its first letter.
func isHangul(word string) bool {
	for _, r := range word {
		return unicode.Is(unicode.Hangul, r)
	}
	return false
}

// hashWord is FNV-1a: texts are compared by 64-bit hashes, because a collision between the few hundred thousand words of
// a market is far less likely than a misprint.
func hashWord(word string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 1099511628211
	}
	return h
}

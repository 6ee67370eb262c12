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
	stop     map[uint64]bool
	begins   beginnings                // of those terms
	phrases  map[uint64][]catalog.Code // stems of a term, joined -> capabilities of that term that a mention of it says something of
	terms    [][]phrase                // by capability: its names and synonyms
	mentions []said                    // by capability: the word that a mention of it is
}

// phrase is a name or synonym: its stems, or for Hangul all of it without spaces, because compounds are written both ways.
type phrase struct {
	stems  []uint64
	hangul string // empty for other scripts
}

func newLexicon(cat *catalog.Catalog, w *Weights) *lexicon {
	x := &lexicon{stop: map[uint64]bool{}, begins: newBeginnings(), phrases: map[uint64][]catalog.Code{}, terms: make([][]phrase, cat.Len())}
	for word := range w.stopWords {
		x.stop[hashWord(stem(names.Fold(word)))] = true
	}
	for _, c := range cat.Capabilities() {
		x.mentions = append(x.mentions, said{hash: hashWord("#" + c.Code), word: "#" + c.Code})
		for l, name := range c.Name {
			for _, term := range append([]string{name}, c.Synonyms[l]...) {
				words, _ := stems(term)
				x.addTerm(c.Index, cat.Leaf(c.Index), words)
			}
		}
	}
	return x
}

func (x *lexicon) addTerm(code catalog.Code, leaf bool, words []string) {
	if len(words) == 0 || len(words) > maxPhrase {
		return
	}
	var p phrase
	for _, word := range words {
		p.stems = append(p.stems, hashWord(word))
	}
	joined := strings.Join(words, "")
	if isHangul(joined) {
		p.hangul = joined
	}
	x.terms[code] = append(x.terms[code], p)
	if key := hashWord(joined); leaf && !slices.Contains(x.phrases[key], code) {
		x.begins.add(joined)
		x.phrases[key] = append(x.phrases[key], code)
	}
}

// beginnings tell by hashes whether any term begins with some letters. They may say yes where none does, which costs a look
// at the terms.
type beginnings []uint64

const beginningBits = 20

func newBeginnings() beginnings { return make(beginnings, 1<<beginningBits/64) }

func (b beginnings) at(hash uint64) (word, bit uint64) {
	at := hash * 0x9E3779B97F4A7C15 >> (64 - beginningBits)
	return at / 64, 1 << (at % 64)
}

func (b beginnings) add(term string) {
	for end := range len(term) {
		word, bit := b.at(hashWord(term[:end+1]))
		b[word] |= bit
	}
}

func (b beginnings) may(hash uint64) bool {
	word, bit := b.at(hash)
	return b[word]&bit != 0
}

// text is what an organisation says about itself or about a need.
type text struct {
	words  []said   // telling stems and mentions, each once, with its first spelling
	all    []uint64 // every stem, telling or not, each once
	joined string   // Hangul without spaces, for compounds
}

// said is a word of a text.
type said struct {
	hash  uint64
	word  string // stem, or "#" and a code
	spelt string // as the text spells it first
}

// says tells whether a word or a mention is among those that tell something.
func (t *text) says(hash uint64) bool {
	return slices.ContainsFunc(t.words, func(s said) bool { return s.hash == hash })
}

// read takes a text of several pieces; words never join across pieces.
func (x *lexicon) read(pieces ...string) text {
	var t text
	var joined strings.Builder
	for _, piece := range pieces {
		words, spelt := stems(piece)
		hashes := make([]uint64, len(words))
		for i, word := range words {
			hashes[i] = hashWord(word)
			if !slices.Contains(t.all, hashes[i]) {
				t.all = append(t.all, hashes[i])
				if x.telling(word, hashes[i]) {
					t.words = append(t.words, said{hashes[i], word, spelt[i]})
				}
			}
			if isHangul(word) {
				joined.WriteString(word)
			}
		}
		for i := range words {
			x.mentioned(&t, words[i:])
		}
		joined.WriteByte(' ')
	}
	t.joined = joined.String()
	return t
}

// mentioned notes the capabilities of which a name begins with the first of some words.
func (x *lexicon) mentioned(t *text, words []string) {
	key := emptyHash
	for _, next := range words[:min(maxPhrase, len(words))] {
		if key = hashOn(key, next); !x.begins.may(key) {
			return
		}
		for _, code := range x.phrases[key] {
			if mention := x.mentions[code]; !t.says(mention.hash) {
				t.words = append(t.words, mention)
			}
		}
	}
}

// telling tells whether a stem says something about a need: no number, no single letter, no trade word.
func (x *lexicon) telling(word string, hash uint64) bool {
	letters := 0
	for _, r := range word {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 2 && !x.stop[hash]
}

// support says how far texts together back a claim to do a capability, 0..64: the best share, over all its names and
// synonyms, of a term's words that occur in one of them.
func (x *lexicon) support(code catalog.Code, texts ...text) int {
	best := 0
	for i := range x.terms[code] {
		p := &x.terms[code][i]
		met := 0
		for k := range texts {
			if p.hangul != "" && strings.Contains(texts[k].joined, p.hangul) {
				return fullSupport
			}
		}
		for _, word := range p.stems {
			for k := range texts {
				if slices.Contains(texts[k].all, word) {
					met++
					break
				}
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
func hashWord(word string) uint64 { return hashOn(emptyHash, word) }

// emptyHash is that of no word.
const emptyHash = uint64(14695981039346656037)

// hashOn is the hash of what was hashed and a word behind it.
func hashOn(h uint64, word string) uint64 {
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 1099511628211
	}
	return h
}

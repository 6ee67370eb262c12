package main

import (
	"hash/fnv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
)

// longestTerm is how many words a name of the catalogue has at most to be found in a text.
const longestTerm = 6

// reader is the plain scorer's reading of free text: words without endings, and mentions of specific capabilities.
type reader struct {
	stop     map[string]bool
	mentions map[string][]string // by a term's joined words: codes
	terms    [][][]string        // by capability: the words of each of its names and synonyms
}

func newReader(cat *catalog.Catalog, stopWords []string) *reader {
	r := &reader{stop: map[string]bool{}, mentions: map[string][]string{}, terms: make([][][]string, cat.Len())}
	for _, word := range stopWords {
		r.stop[cut(names.Fold(word))] = true
	}
	for _, c := range cat.Capabilities() {
		for l, name := range c.Name {
			for _, term := range append([]string{name}, c.Synonyms[l]...) {
				words := wordsOf(term)
				if len(words) == 0 || len(words) > longestTerm {
					continue
				}
				r.terms[c.Index] = append(r.terms[c.Index], words)
				if key := strings.Join(words, ""); cat.Leaf(c.Index) {
					r.mentions[key] = append(r.mentions[key], "#"+c.Code)
				}
			}
		}
	}
	return r
}

// telling are the words of some texts that say something, and what the texts mention.
func (r *reader) telling(texts ...string) map[string]bool {
	found := map[string]bool{}
	for _, text := range texts {
		words := wordsOf(text)
		for i, word := range words {
			if letterCount(word) > 1 && !r.stop[word] {
				found[word] = true
			}
			key := ""
			for _, next := range words[i:min(i+longestTerm, len(words))] {
				key += next
				for _, code := range r.mentions[key] {
					found[code] = true
				}
			}
		}
	}
	return found
}

// support says how far texts back the claim to do something, 0..64.
func (r *reader) support(code catalog.Code, texts ...string) int {
	written := map[string]bool{}
	var joined strings.Builder // Korean compounds are written with and without spaces
	for _, text := range texts {
		for _, word := range wordsOf(text) {
			written[word] = true
			if korean(word) {
				joined.WriteString(word)
			}
		}
		joined.WriteByte(' ')
	}
	most := 0
	for _, term := range r.terms[code] {
		if key := strings.Join(term, ""); korean(key) && strings.Contains(joined.String(), key) {
			return 64
		}
		met := 0
		for _, word := range term {
			if written[word] {
				met++
			}
		}
		most = max(most, 64*met/len(term))
	}
	return most
}

func letterCount(word string) (n int) {
	for _, r := range word {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

func korean(word string) bool {
	for _, r := range word {
		return unicode.Is(unicode.Hangul, r)
	}
	return false
}

func wordsOf(text string) (words []string) {
	apart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) }
	for word := range strings.FieldsFuncSeq(norm.NFC.String(text), apart) {
		if word = cut(names.Fold(word)); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// cut takes common endings off a folded word.
func cut(word string) string {
	if korean(word) {
		for _, particle := range []string{"에서", "으로", "을", "를", "은", "는", "의", "와", "과", "에"} {
			if rest, ok := strings.CutSuffix(word, particle); ok && len([]rune(rest)) >= 2 {
				return rest
			}
		}
		return word
	}
	if len(word) <= 3 {
		return word
	}
	ends := func(with string, longerThan int) bool { return len(word) > longerThan && strings.HasSuffix(word, with) }
	drop := func(n int) { word = word[:len(word)-n] }
	switch {
	case ends("ies", 0):
		drop(3)
	case ends("es", 5):
		drop(2)
	case ends("s", 0) && !ends("ss", 0), ends("x", 5):
		drop(1)
	}
	switch {
	case ends("ing", 6):
		drop(3)
	case ends("ed", 5):
		drop(2)
	case ends("e", 4), ends("y", 4):
		drop(1)
	}
	if n := len(word); n > 4 && word[n-1] == word[n-2] {
		drop(1)
	}
	return word
}

// hashOf is FNV-1a, 64 bits.
func hashOf(word string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(word)) // a hash takes everything
	return h.Sum64()
}

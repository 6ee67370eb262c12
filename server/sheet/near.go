package sheet

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
)

// vocabulary finds the capabilities of whose names and synonyms a text has words, the rare ones first. Words are compared, not letters:
// "stabilised imaging payloads" are to bring up payloads, and not torpedoes.
type vocabulary struct {
	codes []string
	// having is which capabilities have a word, each once, in their order.
	having map[string][]int
}

func newVocabulary(c *catalog.Catalog) *vocabulary {
	v := &vocabulary{having: make(map[string][]int)}
	for n, capability := range c.Capabilities() {
		v.codes = append(v.codes, capability.Code)
		for _, l := range catalog.Languages() {
			for _, term := range append([]string{capability.Name.In(l)}, capability.Synonyms[l]...) {
				for _, word := range telling(term) {
					if list := v.having[word]; len(list) == 0 || list[len(list)-1] != n {
						v.having[word] = append(list, n)
					}
				}
			}
		}
	}
	return v
}

// common is from how many capabilities on a word tells nothing by itself.
const common = 12

// near lists the capabilities that share most with a text, at most so many. What shares common words only is left out.
func (v *vocabulary) near(text string, most int) []string {
	scores := make(map[int]int)
	words := telling(text)
	for i, word := range words {
		having := v.having[word]
		if len(having) == 0 || slices.Contains(words[:i], word) {
			continue
		}
		for _, n := range having {
			scores[n] += 1000 / len(having)
		}
	}
	var found []int
	for n := range v.codes {
		if scores[n] >= 1000/common {
			found = append(found, n)
		}
	}
	slices.SortStableFunc(found, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var codes []string
	for _, n := range found[:min(len(found), most)] {
		codes = append(codes, v.codes[n])
	}
	return codes
}

// telling is the words of a text without their endings; of Korean, which writes compounds without spaces, each two syllables in a row.
func telling(text string) []string {
	var words []string
	for _, word := range strings.FieldsFunc(names.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if hasHangul(word) {
			syllables := []rune(word)
			for i := 0; i+1 < len(syllables); i++ {
				words = append(words, string(syllables[i:i+2]))
			}
			continue
		}
		if utf8.RuneCountInString(word) > 2 {
			words = append(words, bareWord(word))
		}
	}
	return words
}

// bareWord takes the commonest endings of English and French off a word.
func bareWord(word string) string {
	for _, ending := range []string{"ations", "ation", "ments", "ment", "ings", "ing", "eurs", "eur", "ers", "er", "aux", "es", "ed", "e", "s"} {
		if bare, ok := strings.CutSuffix(word, ending); ok && len(bare) >= 4 {
			return bare
		}
	}
	return word
}

// Package names compares the names of organisations as people write them: with and without accents, in Hangul or in Latin letters,
// with legal forms in three languages before or behind, in any order of words.
//
//	Fold("Réseau Œuvré")            // "reseau oeuvre": what is compared
//	Key("㈜ 한빛어레이")               // "한빛어레이": without legal form and spaces
//	Likeness("Hanwha Ocean", "Hanwha Ocean Co., Ltd.")  // 100
//
// Likeness is the similarity of Jaro and Winkler (1989, 1990) over letters, with Hangul syllables opened into their letters (jamo), so
// that one wrong vowel costs one letter and not a third of a name. It is a number for a person to look at: nothing is ever merged by it.
// Suspects finds the pairs that are worth looking at without comparing everybody with everybody.
//
// The package is pure and knows no catalogue. Romanisation, by which 한화 and Hanwha would meet, comes with screening; until then an
// organisation is compared by its usual and its native name.
package names

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ligatures are letters that decompose into no accent, with what people type in their place.
var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "đ", "d", "ł", "l", "ı", "i")

// Fold makes the spellings of a text equal: compatibility forms, case, accents, ligatures. Hangul comes out as syllables.
func Fold(s string) string {
	if isLowerASCII(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(norm.NFKC.String(s))))
	return ligatures.Replace(norm.NFC.String(s))
}

// isLowerASCII tells whether folding would change nothing.
func isLowerASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || 'A' <= s[i] && s[i] <= 'Z' {
			return false
		}
	}
	return true
}

// legalForms are the words that say what an organisation is in law, folded. They tell nobody apart.
var legalForms = map[string]bool{
	"inc": true, "incorporated": true, "incorporee": true, "corp": true, "corporation": true, "co": true, "company": true, "cie": true, "compagnie": true,
	"ltd": true, "limited": true, "ltee": true, "limitee": true, "llc": true, "llp": true, "lp": true, "plc": true, "gmbh": true, "ag": true, "sa": true,
	"sarl": true, "sas": true, "senc": true, "sencrl": true, "ulc": true, "pty": true, "holdings": true, "holding": true, "group": true, "groupe": true,
	"the": true, "les": true, "la": true, "le": true, "of": true, "de": true, "du": true, "des": true, "and": true, "et": true,
	"주식회사": true, "유한회사": true, "유한책임회사": true, "재단법인": true, "사단법인": true, "주": true, "유": true, "재": true, "사": true,
}

// gluedForms are legal forms that Korean names carry without a space.
var gluedForms = []string{"주식회사", "유한책임회사", "유한회사", "재단법인", "사단법인"}

// Words splits a name into its folded words without legal forms. A name that consists of nothing else keeps them.
func Words(name string) []string {
	all := strings.FieldsFunc(Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var words []string
	for _, w := range all {
		for _, form := range gluedForms {
			if w != form {
				w = strings.TrimSuffix(strings.TrimPrefix(w, form), form)
			}
		}
		if !legalForms[w] {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return all
	}
	return words
}

// Key is a name as it is looked up: folded, without legal forms, spaces and punctuation.
func Key(name string) string { return strings.Join(Words(name), "") }

// Likeness tells how alike two names are, 0 to 100. 100 means that nothing but spelling, legal form and the order of words differs.
// Two empty names are not alike.
func Likeness(a, b string) int {
	one, two := Words(a), Words(b)
	if len(one) == 0 || len(two) == 0 {
		return 0
	}
	best := jaroWinkler(letters(strings.Join(one, "")), letters(strings.Join(two, "")))
	slices.Sort(one)
	slices.Sort(two)
	return max(best, jaroWinkler(letters(strings.Join(one, "")), letters(strings.Join(two, ""))))
}

// letters opens Hangul syllables into jamo.
func letters(s string) []rune { return []rune(norm.NFD.String(s)) }

// jaroWinkler is the similarity of two strings of letters, in hundredths: Jaro's share of letters in common, near each other and in
// order, raised by up to four equal letters at the beginning.
func jaroWinkler(a, b []rune) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if slices.Equal(a, b) {
		return 100
	}
	window := max(len(b)/2-1, 0)
	taken := make([]bool, len(b))
	var common []rune
	for i, r := range a {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if !taken[j] && b[j] == r {
				taken[j] = true
				common = append(common, r)
				break
			}
		}
	}
	if len(common) == 0 {
		return 0
	}
	half, k := 0, 0
	for j, hit := range taken {
		if hit {
			if b[j] != common[k] {
				half++
			}
			k++
		}
	}
	// In parts of a million, so that the result is the same on every machine.
	const unit = 1_000_000
	m := len(common)
	jaro := (unit*m/len(a) + unit*m/len(b) + unit*(2*m-half)/(2*m)) / 3
	prefix := 0
	for prefix < min(4, len(a)) && a[prefix] == b[prefix] {
		prefix++
	}
	return min(99, (jaro+prefix*(unit-jaro)/10+unit/200)/(unit/100))
}

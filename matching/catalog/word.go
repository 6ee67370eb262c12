package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/canada-korea-roadshow/tandem/matching/names"
)

// word is a run of letters and digits of one script class, with the forms that matching compares.
type word struct {
	raw    string // as written, in NFKC
	folded string // lower case, without accents, œ = oe
	stem   string // folded, without the endings of number and gender
	joint  bool   // a script that people write with or without spaces: Hangul, Han, Kana
	start  int    // where it stands in text.joined
}

// text is a piece of writing prepared for matching. Spaces and punctuation are gone from joined; words keep where
// they stood, so that both "cyber security" and "cybersecurity", both 예인선배열소나 and 예인 선배열 소나 compare equal.
type text struct {
	words  []word
	joined string       // the folded words, one after the other
	edges  map[int]bool // offsets in joined at which a word begins or ends
}

// maxTextBytes bounds how much of a text is read. A description that names its capability only later than this
// is no search text.
const maxTextBytes = 16 << 10

// clip cuts a text at the bound without cutting a character in two.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// newText splits a text into words and folds them.
func newText(s string) text {
	s = norm.NFKC.String(clip(s, maxTextBytes))
	t := text{edges: map[int]bool{0: true}}
	var joined strings.Builder
	begin, joint := -1, false
	flush := func(end int) {
		if begin < 0 {
			return
		}
		w := word{raw: s[begin:end], joint: joint, start: joined.Len()}
		w.folded = names.Fold(w.raw)
		w.stem = w.folded
		if !joint {
			w.stem = stem(w.folded)
		}
		joined.WriteString(w.folded)
		t.words = append(t.words, w)
		t.edges[joined.Len()] = true
		begin = -1
	}
	for i, r := range s {
		switch {
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			// Soft hyphens, joiners and loose accents belong to the word around them; folding drops them.
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
		default:
			if begin >= 0 && joint != writtenJointly(r) {
				flush(i)
			}
			if begin < 0 {
				begin, joint = i, writtenJointly(r)
			}
		}
	}
	flush(len(s))
	t.joined = joined.String()
	return t
}

func writtenJointly(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// stem makes English and French words of one root equal where they differ in number or gender only: arrays and array,
// réseaux and réseau, métaux and métal, remorquée and remorqué, batteries and battery. Words of three letters or fewer
// are left alone, because they are mostly abbreviations.
func stem(folded string) string {
	if len(folded) <= 3 || strings.IndexFunc(folded, unicode.IsDigit) >= 0 {
		return folded
	}
	s := folded
	switch {
	case strings.HasSuffix(s, "eaux"), strings.HasSuffix(s, "yaux"):
		s = s[:len(s)-1]
	case strings.HasSuffix(s, "aux"):
		s = s[:len(s)-2] + "l"
	case strings.HasSuffix(s, "ss"):
	case strings.HasSuffix(s, "s"), strings.HasSuffix(s, "x"):
		s = s[:len(s)-1]
	}
	if british, ok := spellings[s]; ok {
		s = british
	}
	for len(s) > 4 && s[len(s)-1] == 'e' { // jetée stays apart from jet, armes from arm
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == 'y' {
		s = s[:len(s)-1] + "i"
	}
	return s
}

// spellings gives American words the spelling that the vocabulary has.
var spellings = map[string]string{
	"aluminum": "aluminium", "armor": "armour", "armored": "armoured", "caliber": "calibre", "center": "centre", "defense": "defence",
	"fiber": "fibre", "harbor": "harbour", "license": "licence", "maneuver": "manoeuvre", "program": "programme",
}

// Words splits a text into the stems that the catalogue compares: NFKC, lower case, without accents, œ = oe, endings
// of number and gender removed. Hangul words stay whole, particles included. At most the first 16 KiB are read.
func Words(s string) []string {
	t := newText(s)
	stems := make([]string, len(t.words))
	for i, w := range t.words {
		stems[i] = w.stem
	}
	return stems
}

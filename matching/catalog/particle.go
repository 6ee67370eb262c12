package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/canada-korea-roadshow/tandem/matching/names"
)

// particleForms maps the form named in a placeholder to the particle after a final consonant and the one after a vowel.
var particleForms = map[string][2]string{
	"은는":  {"은", "는"},
	"이가":  {"이", "가"},
	"을를":  {"을", "를"},
	"와과":  {"과", "와"},
	"으로로": {"으로", "로"},
	"이라라": {"이라", "라"},
}

// ending is how a word ends when read aloud in Korean.
type ending uint8

const (
	openEnding ending = iota // in a vowel
	lEnding                  // in ㄹ, which takes 로 like a vowel and every other particle like a consonant
	closedEnding
)

// particleAfter returns the particle of a form that fits how the words before it are read.
func particleAfter(s, form string) string {
	particle := particleForms[form]
	switch end := readEnding(s); {
	case end == closedEnding, end == lEnding && form != "으로로":
		return particle[0]
	default:
		return particle[1]
	}
}

// readEnding decides by the last thing that is read. A closing parenthesis with what it holds is not read
// (방위사업청(DAPA)은), nor are quotes and punctuation.
//
//   - Hangul: the final consonant stands in the syllable itself.
//   - A percent sign: 퍼센트.
//   - Digits: as Sino-Korean numbers; a final zero is 십, 백, 천 or 만, or 영, which all close.
//   - A word in capitals is spelt: L and R end in ㄹ, M and N close, all others are open.
//   - Other Latin words: l and le end in ㄹ; m, n, ng, and those with a silent e, close; all others are taken as open,
//     because most get a vowel in Korean spelling (Lloyd 로이드, Atlas 아틀라스).
func readEnding(s string) ending {
	if strings.HasSuffix(s, "%") {
		return openEnding
	}
	word := []rune(lastRead(s))
	if len(word) == 0 {
		return openEnding
	}
	last := word[len(word)-1]
	switch {
	case last >= 0xAC00 && last <= 0xD7A3:
		switch (last - 0xAC00) % 28 {
		case 0:
			return openEnding
		case 8:
			return lEnding
		}
		return closedEnding
	case unicode.IsDigit(last):
		return [10]ending{closedEnding, lEnding, openEnding, closedEnding, openEnding, openEnding, closedEnding, lEnding, lEnding, openEnding}[digitValue(last)]
	case unicode.IsUpper(last):
		return spelt(last)
	}
	return latinEnding(string(word))
}

// lastRead returns the last word without what is not read aloud.
func lastRead(s string) string {
	for {
		s = strings.TrimRightFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ')' })
		if !strings.HasSuffix(s, ")") {
			break
		}
		open := strings.LastIndexByte(s, '(')
		if open <= 0 {
			s = strings.TrimRight(s, ")")
			continue
		}
		s = s[:open]
	}
	i := strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if i < 0 {
		return s
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return s[i+size:]
}

func digitValue(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	return 2 // digits of other scripts do not occur; open is as good a guess as any
}

func spelt(letter rune) ending {
	switch letter {
	case 'L', 'R':
		return lEnding
	case 'M', 'N':
		return closedEnding
	}
	return openEnding
}

func latinEnding(word string) ending {
	word = names.Fold(word)
	bare := strings.TrimSuffix(word, "e")
	switch {
	case strings.HasSuffix(word, "l"), len(bare) > 2 && strings.HasSuffix(bare, "l"):
		return lEnding
	case strings.HasSuffix(word, "ng"), strings.HasSuffix(word, "m"), strings.HasSuffix(word, "n"),
		len(bare) > 2 && (strings.HasSuffix(bare, "m") || strings.HasSuffix(bare, "n")):
		return closedEnding
	}
	return openEnding
}

// elided puts the French "de" before a name: "d'" before a vowel or silent h, else "de ". An h is silent in words
// of Greek and Latin (hélicoptère, hydrophone) and in Halifax as the vocabulary has it; in other words and foreign
// names (hangar, Hanwha) it is not.
func elided(name string) string {
	word, _, _ := strings.Cut(names.Fold(name), " ")
	word = strings.TrimLeft(word, "«\u00a0\"")
	first, _ := utf8.DecodeRuneInString(word)
	second := ""
	if len(word) > 1 {
		second = word[1:2]
	}
	vowel := strings.ContainsRune("aeiou", first) || first == 'y' && second != "" && !strings.Contains("aeiou", second)
	if strings.HasPrefix(word, "onz") || strings.HasPrefix(word, "oui") {
		vowel = false
	}
	for _, silent := range silentH {
		vowel = vowel || strings.HasPrefix(word, silent)
	}
	if vowel {
		return "d'" + name
	}
	return "de " + name
}

var silentH = []string{"habi", "halifax", "harmo", "heli", "heur", "hist", "hiver", "homme", "homolog", "honor", "hopit", "horiz", "horlog", "huil", "huma", "humid", "hybrid", "hydr", "hygi", "hyper", "hypo"}

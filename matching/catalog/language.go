package catalog

import (
	"fmt"
	"strings"
	"unicode"
)

// Language is one of the three languages that everything a person reads exists in.
type Language uint8

// The languages, in the order of every Text.
const (
	EN Language = iota
	FR
	KO
)

// languageTags are the tags as they appear in files and on the command line, in the order of the constants.
var languageTags = [...]string{EN: "en", FR: "fr", KO: "ko"}

// Languages lists all languages, for loops over what must exist in each.
func Languages() []Language { return []Language{EN, FR, KO} }

// String returns the tag "en", "fr" or "ko".
func (l Language) String() string {
	if int(l) < len(languageTags) {
		return languageTags[l]
	}
	return fmt.Sprintf("Language(%d)", uint8(l))
}

// ParseLanguage is the inverse of String; its error names the valid tags.
func ParseLanguage(tag string) (Language, error) {
	for l, t := range languageTags {
		if t == tag {
			return Language(l), nil
		}
	}
	return EN, fmt.Errorf("language %q is unknown: want en, fr or ko", tag)
}

// Text is the same words in every language, indexed by Language.
type Text [3]string

// In returns the words in one language. A language that has none falls back to English, then to any,
// so that an organiser's half-translated name still shows.
func (t Text) In(l Language) string {
	if int(l) < len(t) && t[l] != "" {
		return t[l]
	}
	for _, words := range t {
		if words != "" {
			return words
		}
	}
	return ""
}

// OwnName is an organisation's name in every language: its native name in the language that its script tells, Korean by Hangul and
// French by Latin letters, and its usual name in the others.
func OwnName(usual, native string) Text {
	name := Text{usual, usual, usual}
	script := func(table *unicode.RangeTable) bool {
		return strings.ContainsFunc(native, func(r rune) bool { return unicode.Is(table, r) })
	}
	switch {
	case script(unicode.Hangul):
		name[KO] = native
	case script(unicode.Latin) && !script(unicode.Hiragana) && !script(unicode.Katakana) && !script(unicode.Han):
		name[FR] = native
	}
	return name
}

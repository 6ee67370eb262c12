package matching

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// This file is the oracle's reading of free text.

// cut takes endings off a word.
func (o *oracle) cut(word string) string {
	stripped, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ReplaceAll(strings.ReplaceAll(word, "œ", "oe"), "Œ", "oe"))
	if err != nil {
		o.t.Fatal(err)
	}
	word = strings.ToLower(stripped)
	letters := []rune(word)
	if len(letters) > 0 && unicode.Is(unicode.Hangul, letters[0]) {
		for _, particle := range []string{"에서", "으로", "을", "를", "은", "는", "의", "와", "과", "에"} {
			if rest := strings.TrimSuffix(word, particle); rest != word && len([]rune(rest)) >= 2 {
				return rest
			}
		}
		return word
	}
	if len(word) < 4 {
		return word
	}
	has := func(end string, longer int) bool { return strings.HasSuffix(word, end) && len(word) > longer }
	drop := func(n int) { word = word[:len(word)-n] }
	if has("ies", 0) {
		drop(3)
	} else if has("es", 5) {
		drop(2)
	} else if has("s", 0) && !has("ss", 0) || has("x", 5) {
		drop(1)
	}
	if has("ing", 6) {
		drop(3)
	} else if has("ed", 5) {
		drop(2)
	} else if has("e", 4) || has("y", 4) {
		drop(1)
	}
	if len(word) > 4 && word[len(word)-1] == word[len(word)-2] {
		drop(1)
	}
	return word
}

func (o *oracle) words(s string) (words []string) {
	for _, word := range strings.FieldsFunc(norm.NFC.String(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	}) {
		if word = o.cut(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// telling are the words of texts that say something, and the specific capabilities that the texts mention.
func (o *oracle) telling(texts ...string) map[string]bool {
	found := map[string]bool{}
	for _, s := range texts {
		words := o.words(s)
		for i, word := range words {
			letters := 0
			for _, r := range word {
				if unicode.IsLetter(r) {
					letters++
				}
			}
			if letters > 1 && !o.stop[word] {
				found[word] = true
			}
			for n := 1; n <= 6 && i+n <= len(words); n++ {
				for _, code := range o.terms[strings.Join(words[i:i+n], "")] {
					found["#"+code] = true
				}
			}
		}
	}
	return found
}

func (o *oracle) said(p *Profile) map[string]bool {
	if known := o.texts[p]; known != nil {
		return known
	}
	texts := []string{p.Summary.EN, p.Summary.Native}
	for _, offer := range p.Offers {
		texts = append(texts, offer.Detail.EN, offer.Detail.Native)
	}
	o.texts[p] = o.telling(texts...)
	return o.texts[p]
}

// strength is level x maturity x evidence.
func (o *oracle) strength(p *Profile, offer *Offer) int64 {
	if known, ok := o.backing[offer]; ok {
		return known
	}
	s := o.weight["strength.core"]
	if offer.Level == Secondary {
		s = o.weight["strength.secondary"]
	}
	switch {
	case offer.TRL == 0:
		s = s * o.weight["strength.trl.unstated"] / 255
	case offer.TRL <= 3:
		s = s * o.weight["strength.trl.early"] / 255
	case offer.TRL <= 6:
		s = s * o.weight["strength.trl.tested"] / 255
	default:
		s = s * o.weight["strength.trl.proven"] / 255
	}
	texts := []string{offer.Detail.EN, offer.Detail.Native, p.Summary.EN, p.Summary.Native}
	written, korean := map[string]bool{}, ""
	for _, text := range texts {
		for _, word := range o.words(text) {
			written[word] = true
			if unicode.Is(unicode.Hangul, []rune(word)[0]) {
				korean += word
			}
		}
		korean += "|"
	}
	backed := 0
	for _, name := range o.names[o.code(offer.Capability)] {
		words := o.words(name)
		if len(words) == 0 || len(words) > 6 {
			continue
		}
		met := 0
		for _, word := range words {
			if written[word] {
				met++
			}
		}
		backed = max(backed, 64*met/len(words))
		if joined := strings.Join(words, ""); unicode.Is(unicode.Hangul, []rune(joined)[0]) && strings.Contains(korean, joined) {
			backed = 64
		}
	}
	none, full := o.weight["strength.evidence.none"], o.weight["strength.evidence.full"]
	o.backing[offer] = s * (none + (full-none)*int64(backed)/64) / 255
	return o.backing[offer]
}

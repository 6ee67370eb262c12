package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// item is one capability of a cell that may hold several: the words for it, and what is said about it.
//
// A person writes "towed arrays; sonar signal processing", one a line, with bullets, or with commas. Export writes one a line with all that
// is known, as "Towed array sonar [underwater.sonar.towed-array] | level: CORE | trl: 8 | detail: thin line"; both may be mixed.
type item struct {
	words      string
	attributes []pair
	code       string   // empty where it is not certain
	near       []string // where code is empty
	ambiguous  bool
	named      bool // all of the words are one term of the vocabulary
	exact      bool // the words are the capability's own name or code, and say nothing more
	french     bool // the words were met in French
}

// pair is "niveau: activité principale" of an item: the key, as it was said, and the value.
type pair struct{ key, said, value string }

var (
	bullet    = regexp.MustCompile(`^\s*(?:[-–—•*·∙▪▫◦○●■□▶►→※✓✔]+|\(?[0-9]{1,2}[.)]|[가나다라마바사아자차카타파하][.)])\s*`)
	inlined   = regexp.MustCompile(`(?:^|\s)\(?[0-9]{1,2}[.)]\s+`)
	circled   = regexp.MustCompile(`\s*[①-⑳•▪●■▶►]\s*`)
	bracketed = regexp.MustCompile(`\s*\[([a-z0-9.-]+)\]\s*$`)
	remarked  = regexp.MustCompile(`\s*[(（]([^()（）]{1,40})[)）]\s*$`)
	readiness = regexp.MustCompile(`(?i)\bTRL\s*[:=]?\s*([1-9])\b`)
)

// items reads the capabilities of a cell of offers or needs.
func (w *words) items(field, cell string) []item {
	var list []item
	for line := range strings.SplitSeq(cell, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if i, ok := w.structured(line); ok {
			list = append(list, i)
			continue
		}
		for _, piece := range pieces(line) {
			list = append(list, w.loose(field, piece)...)
		}
	}
	list = once(list)
	for n := range list {
		w.offer(&list[n])
	}
	return list
}

// once leaves out what says the same capability with nothing more, as lists of several columns do.
func once(list []item) []item {
	var kept []item
	for _, i := range list {
		if !slices.ContainsFunc(kept, func(k item) bool {
			return k.code == i.code && k.words == i.words && slices.Equal(k.attributes, i.attributes)
		}) {
			kept = append(kept, i)
		}
	}
	return kept
}

// structured reads a line in the form of an export; false where a part behind a bar is no known "key: value".
func (w *words) structured(line string) (item, bool) {
	parts := splitBar(line)
	if len(parts) == 1 && !bracketed.MatchString(line) {
		return item{}, false
	}
	var i item
	for _, part := range parts[1:] {
		key, value, ok := strings.Cut(part, ":")
		known, named := w.value("attribute", key)
		if !ok || !named {
			return item{}, false
		}
		i.attributes = append(i.attributes, pair{known, strings.TrimSpace(key), unbar(strings.TrimSpace(value))})
	}
	head := unbar(strings.TrimSpace(bullet.ReplaceAllString(parts[0], "")))
	w.aimed(&i, head)
	w.resolve(&i)
	return i, true
}

// aimed takes "customer: armour plate" and "sonar (core)" apart.
func (w *words) aimed(i *item, words string) {
	if before, after, ok := strings.Cut(strings.Replace(words, "：", ":", 1), ":"); ok && strings.TrimSpace(after) != "" {
		if aim, ok := w.value("aim", before); ok {
			i.attributes = append(i.attributes, pair{"aim", before, aim})
			words = after
		}
	}
	if trl := readiness.FindStringSubmatch(words); trl != nil {
		i.attributes = append(i.attributes, pair{"trl", "TRL", trl[1]})
		words = strings.TrimRight(strings.TrimSpace(readiness.ReplaceAllString(words, "")), ",;:- ")
		words = strings.TrimSuffix(strings.TrimSuffix(words, "()"), "（）")
	}
	if remark := remarked.FindStringSubmatchIndex(words); remark != nil && remark[0] > 0 {
		for _, sort := range []string{"aim", "level", "priority"} {
			if value, ok := w.value(sort, words[remark[2]:remark[3]]); ok {
				i.attributes = append(i.attributes, pair{sort, sort, value})
				words = words[:remark[0]]
				break
			}
		}
	}
	i.words = strings.TrimSpace(words)
}

// resolve finds the capability that the words of an item mean, where they mean one.
func (w *words) resolve(i *item) {
	if code := bracketed.FindStringSubmatch(i.words); code != nil {
		if _, ok := w.catalog.Lookup(code[1]); ok {
			i.words = bracketed.ReplaceAllString(i.words, "")
			i.code, i.exact = code[1], i.words == "" || w.isName(code[1], i.words)
			return
		}
		return
	}
	if code := w.called[wordKey(i.words)]; code != "" {
		i.code, i.exact, i.named = code, true, true // the name of one stands above the synonyms of others
		return
	}
	w.mean(i)
}

// nearestCodes is how many codes are offered for what is unknown.
const nearestCodes = 3

// isName tells whether words are a capability's code or its name in a language.
func (w *words) isName(code, words string) bool {
	at, _ := w.catalog.Lookup(code)
	name := w.catalog.Capability(at).Name
	key := wordKey(words)
	return strings.TrimSpace(words) == code || slices.ContainsFunc(name[:], func(n string) bool { return wordKey(n) == key })
}

// loose reads one piece of free text: as a whole where that is a capability, else its parts where they are. What is neither is one item
// without a code; parts that are certain are kept beside those that are not.
func (w *words) loose(field, piece string) []item {
	if makers, ok := buyer(piece); ok && field == fieldNeeds {
		return w.wanted(piece, makers)
	}
	var whole item
	w.aimed(&whole, piece)
	if whole.words == "" {
		return nil
	}
	w.resolve(&whole)
	parts := w.parts(whole.words)
	if len(parts) < 2 || whole.named {
		return []item{whole}
	}
	var list []item
	certain := 0
	for _, part := range parts {
		var i item
		w.aimed(&i, part)
		if i.words == "" {
			continue
		}
		i.attributes = append(slices.Clone(whole.attributes), i.attributes...)
		w.resolve(&i)
		if i.code != "" {
			certain++
		}
		list = append(list, i)
	}
	if certain == 0 || whole.code != "" && certain < len(list) {
		return []item{whole}
	}
	if certain < len(list) {
		// "Aerospace, avionics and air-traffic research" is no list of fields.
		for n := range list {
			if i := &list[n]; i.code != "" && isRoot(i.code) {
				i.near, i.code = []string{i.code}, ""
			}
		}
	}
	return list
}

// wanted is the needs for those who are to buy, each in the words of the whole.
func (w *words) wanted(piece, makers string) []item {
	list := w.loose(fieldOffers, makers)
	for n := range list {
		list[n].attributes = append(list[n].attributes, pair{"aim", "aim", tandemv1.Need_CUSTOMER.String()})
		list[n].words, list[n].exact = piece, false
	}
	return list
}

// parts cuts a piece where a list may end. What stands behind "of" or "for" is not a list of capabilities of its own: "modification of
// aircraft and helicopters".
func (w *words) parts(piece string) []string {
	if purposeKO.MatchString(piece) {
		return []string{piece}
	}
	at := turning.FindStringIndex(piece)
	if at == nil || w.bare(piece[:at[0]]) == "" {
		if list := softPieces(piece); !slices.ContainsFunc(list, dependent.MatchString) {
			return list
		}
		return []string{piece}
	}
	list := softPieces(piece[:at[0]])
	if len(list) > 0 && !slices.ContainsFunc(list, dependent.MatchString) {
		list[len(list)-1] += piece[at[0]:]
		return list
	}
	return []string{piece}
}

// dependent is a part that is none by itself, as in "munitions de char et de mortier".
var dependent = regexp.MustCompile(`(?i)^(?:of|for|de|du|des|d['’]|pour|à)\b`)

// pieces cuts a line where people cut lists for certain: semicolons, bars, bullets and numbers.
func pieces(line string) []string {
	if len(inlined.FindAllString(line, 2)) > 1 {
		line = inlined.ReplaceAllString(line, "\n")
	}
	line = circled.ReplaceAllString(line, "\n")
	return cut(line, func(r rune, _, _ rune) bool { return strings.ContainsRune("\n;；|｜", r) })
}

// softPieces cuts where a list may end or a name go on: commas, slashes, middle dots, "and". Numbers such as 1,200 stay whole.
func softPieces(piece string) []string {
	joined := conjunction.ReplaceAllString(piece, "$1\n")
	return cut(joined, func(r, before, after rune) bool {
		inNumber := unicode.IsDigit(before) && unicode.IsDigit(after)
		return r == '\n' || strings.ContainsRune(",，、/·ㆍ‧・", r) && !inNumber
	})
}

var conjunction = regexp.MustCompile(`(?i)([^-])\s+(?:and|et|및|그리고|&|\+)\s+`)

// cut splits outside of brackets, and trims bullets and full stops.
func cut(s string, at func(r, before, after rune) bool) []string {
	var list []string
	runes := []rune(s)
	depth, from := 0, 0
	keep := func(to int) {
		part := strings.TrimSpace(bullet.ReplaceAllString(string(runes[from:to]), ""))
		if part = strings.TrimRight(part, ".。 "); part != "" {
			list = append(list, part)
		}
		from = to + 1
	}
	for i, r := range runes {
		before, after := ' ', ' '
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		switch {
		case strings.ContainsRune("(（[", r):
			depth++
		case strings.ContainsRune(")）]", r):
			depth = max(depth-1, 0)
		case depth == 0 && at(r, before, after):
			keep(i)
		}
	}
	keep(len(runes))
	return list
}

// splitBar cuts at bars that are not escaped.
func splitBar(line string) []string {
	var parts []string
	from, escaped := 0, false
	for i := range len(line) {
		switch {
		case escaped:
			escaped = false
		case line[i] == '\\':
			escaped = true
		case line[i] == '|':
			parts = append(parts, line[from:i])
			from = i + 1
		}
	}
	return append(parts, line[from:])
}

var (
	barEscapes   = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`, "\r", `\r`)
	barUnescapes = strings.NewReplacer(`\\`, `\`, `\|`, "|", `\n`, "\n", `\r`, "\r")
)

func unbar(s string) string { return barUnescapes.Replace(s) }

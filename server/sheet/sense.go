package sheet

import (
	"regexp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// This file finds, in what somebody wrote, the words that say which capability is meant. A list does not only name capabilities: it says
// "helicopter makers needing simulators", "support of patrol aircraft", "lithium from oilfield brines". Whoever takes any word of the
// vocabulary that stands in such a text for its meaning chooses simulators, patrol aircraft, and nothing.

// buyers are the forms in which a need names those who are to buy: the maker stands before the verb, in Korean behind it. Some verbs
// say so of anybody, others only of one who makes or runs things: "sensors using sonar" are sensors.
var (
	needy     = regexp.MustCompile(`(?i)^(.+?)\s+(?:needing|requiring|buying|purchasing|outsourcing|in need of|ayant besoin d(?:e |es |u |'|’)|achetant|nécessitant)\s*\S`)
	busy      = regexp.MustCompile(`(?i)^(.*\b(?:makers|builders|manufacturers|integrators|operators|yards|shops|firms|companies|programmes|programs|fabricators|fabricants|constructeurs|intégrateurs|exploitants|motoristes|chantiers|programmes)\b.*?)\s+(?:using|fitting|adopting|integrating|embedding|qualifying|repairing|testing|sourcing|utilisant|intégrant|adoptant|qualifiant|équipant)\s+\S`)
	neededKO  = regexp.MustCompile(`^.+(?:이|가|을|를)\s*(?:필요한|필요로 하는|사용하는|구매하는|장착하는|탑재하는|외주하는|도입하는|통합하는)\s+(.+)$`)
	purposeKO = regexp.MustCompile(`^.+\p{Hangul}[^운응활사적이비채]용\s+(\S.*)$`)
	turning   = regexp.MustCompile(`(?i)\s+(?:of|for|to|from|with|in|on|at|by|into|as|through|against|able to|adapted|interested in|pour|destinée?s?|ayant|adaptée?s?)\s+`)
)

// buyer returns the words for those who are to buy.
func buyer(words string) (string, bool) {
	for _, form := range []*regexp.Regexp{needy, busy, neededKO} {
		if found := form.FindStringSubmatch(words); found != nil {
			return found[1], true
		}
	}
	return "", false
}

// fillers say that something is made, sold or wanted, and not what. Each is a term of words.csv, folded.
func (w *words) filler(word string) bool {
	_, ok := w.value("filler", word)
	return ok
}

// bare takes fillers off both ends.
func (w *words) bare(words string) string {
	list := strings.Fields(words)
	trim := func(s string) string { return strings.Trim(s, ".,;:") }
	for len(list) > 0 && w.filler(trim(list[0])) {
		list = list[1:]
	}
	for len(list) > 0 && w.filler(trim(list[len(list)-1])) {
		list = list[:len(list)-1]
	}
	if len(list) > 0 && (strings.EqualFold(list[len(list)-1], "and") || list[len(list)-1] == "및") {
		list = list[:len(list)-1]
	}
	return strings.Join(list, " ")
}

// core is the part of a text that names the thing: what stands before "for", "of" or "from", unless that only says that it is made, and
// in Korean what stands behind "-용".
func (w *words) core(words string) string {
	if found := purposeKO.FindStringSubmatch(words); found != nil {
		words = found[1]
	}
	for {
		head, tail := words, ""
		if at := turning.FindStringIndex(words); at != nil {
			head, tail = words[:at[0]], words[at[1]:]
		}
		if head = w.bare(head); head != "" || tail == "" {
			return head
		}
		words = tail
	}
}

// mean finds the capability that free text means, where it means one.
func (w *words) mean(i *item) {
	found := w.catalog.Meaning(i.words)
	if code, ok := found.Chosen(); ok && (found.Matches[0].Exact || turning.MatchString(found.Matches[0].Matched)) {
		w.take(i, code, found.Matches[0])
		return
	}
	core := w.core(i.words)
	named := w.catalog.Meaning(core)
	if code, ok := named.Chosen(); ok && w.certain(core, code, named.Matches[0]) {
		w.take(i, code, named.Matches[0])
		return
	}
	if code, ok := w.headed(core, named); ok {
		w.take(i, code, catalog.Suggestion{Code: code, Matched: core})
		return
	}
	i.near, i.ambiguous = found.Codes, found.Ambiguous()
	if len(i.near) == 0 {
		i.near = found.Nearest
	}
	i.near = i.near[:min(len(i.near), 2*nearestCodes)]
}

// offer adds what may have been meant to an item of which nothing is chosen: what shares its words, else what a short text, which may
// be misspelt, resembles.
func (w *words) offer(i *item) {
	if i.code != "" || i.ambiguous {
		return
	}
	text := i.words
	if code := bracketed.FindStringSubmatch(text); code != nil {
		text = code[1]
	}
	var saying []string
	for _, word := range strings.Fields(text) {
		if !w.filler(strings.Trim(word, ".,;:")) {
			saying = append(saying, word)
		}
	}
	near := w.shared.near(strings.Join(saying, " "), nearestCodes)
	if short := len(saying) < 3; short && len(near)+len(i.near) < nearestCodes && w.searched < maxSearched {
		w.searched++
		for _, s := range w.catalog.Suggest(text, nearestCodes) {
			near = append(near, s.Code)
		}
	}
	for _, code := range near {
		if len(i.near) < nearestCodes && !slices.Contains(i.near, code) {
			i.near = append(i.near, code)
		}
	}
}

// take chooses a capability.
func (w *words) take(i *item, code string, met catalog.Suggestion) {
	i.code, i.exact, i.near = code, w.isName(code, i.words), nil
	i.french = met.Language == catalog.FR
	i.named = met.Exact
}

// certain tells whether a term that was met in a text is what the text is about. A whole field such as "space" is too much to choose by
// a word among others. One plain word must be the one that the others describe: the last in English and Korean, the first in French.
func (w *words) certain(core, code string, met catalog.Suggestion) bool {
	if isRoot(code) || met.Exact {
		return !isRoot(code)
	}
	if compound(met) {
		return true
	}
	list := strings.Fields(core)
	described := list[len(list)-1]
	if met.Language == catalog.FR {
		described = list[0]
	}
	alone, ok := w.catalog.Meaning(described).Chosen()
	return ok && alone == code
}

// compound tells whether a term is more than one plain word.
func compound(met catalog.Suggestion) bool {
	return strings.ContainsAny(met.Matched, " -") || hasHangul(met.Matched) && len([]rune(met.Matched)) > 2
}

// isRoot tells whether a code is a whole field.
func isRoot(code string) bool { return !strings.Contains(code, ".") }

// headed finds the capability of the last word of a text, of which nothing else is in the vocabulary: "surveillance radars".
func (w *words) headed(core string, found catalog.Resolution) (string, bool) {
	list := strings.Fields(core)
	if len(found.Codes) > 0 || len(list) < 2 || hasHangul(core) {
		return "", false
	}
	head := w.catalog.Meaning(list[len(list)-1])
	code, ok := head.Chosen()
	return code, ok && head.Matches[0].Exact && !isRoot(code) && slices.Contains(found.Nearest, code)
}

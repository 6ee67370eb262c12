package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Suggestion is a capability that a text may mean.
type Suggestion struct {
	Code     string
	Matched  string   // the catalogue's name, synonym or code that was met
	Language Language // of Matched; EN for a code
	Exact    bool     // Matched is all of the text
	Score    int      // 1..1000, for ordering only
}

// Scores of the ways in which a text can meet a term. Each leaves room for how much of the text or term is met.
const (
	scoreWhole  = 1000 // the text is the term
	scoreInside = 500  // ..899: the text holds the term
	scorePrefix = 300  // ..449: the text is how the term begins, as when typing
	scoreWord   = 200  // ..299: the text is how a later word of the term begins
	scoreNear   = 100  // ..199: the text resembles the capability's words
)

// minNearScore is the resemblance below which a guess would only puzzle.
const minNearScore = 500

// Suggest lists the capabilities that a text may mean, best first, deeper before broader where equally good, each once.
// It is made for a list that follows typing: beginnings of terms are met too, and misspelt words when nothing else is.
func (c *Catalog) Suggest(s string, limit int) []Suggestion {
	t := newText(s)
	if limit <= 0 || t.joined == "" {
		return nil
	}
	best := c.hits(s, t)
	if t.worthCompleting() {
		for _, term := range c.terms.terms {
			if score := term.completes(t); score > 0 {
				best = append(best, c.suggestion(term, false, score))
			}
		}
	}
	if len(best) == 0 {
		for _, near := range c.nearest(s, limit) {
			if near.score < minNearScore {
				break
			}
			best = append(best, Suggestion{Code: c.capabilities[near.code].Code, Matched: c.capabilities[near.code].Code, Score: scoreNear + near.score/11})
		}
	}
	best = c.onePerCode(best)
	return best[:min(limit, len(best))]
}

// worthCompleting asks for two syllables or three letters before guessing how a word goes on.
func (t text) worthCompleting() bool {
	letters := utf8.RuneCountInString(t.joined)
	return letters >= 3 || letters == 2 && t.words[0].joint
}

// completes scores a text as the beginning of a term or of one of its words.
func (t term) completes(typed text) int {
	if strings.HasPrefix(t.text.joined, typed.joined) {
		return scorePrefix + 149*len(typed.joined)/len(t.text.joined)
	}
	for _, w := range t.text.words[1:] {
		if strings.HasPrefix(t.text.joined[w.start:], typed.joined) {
			return scoreWord + 99*len(typed.joined)/len(t.text.joined)
		}
	}
	return 0
}

// hits returns what a text names outright: a code, or the terms found in it.
func (c *Catalog) hits(s string, t text) []Suggestion {
	var found []Suggestion
	if code, ok := c.codes[strings.ToLower(strings.TrimSpace(s))]; ok {
		text := c.capabilities[code].Code
		found = append(found, Suggestion{Code: text, Matched: text, Exact: true, Score: scoreWhole})
	}
	for _, h := range c.terms.find(t) {
		if h.len() == len(t.joined) {
			found = append(found, c.suggestion(c.terms.terms[h.term], true, scoreWhole))
		} else {
			letters := utf8.RuneCountInString(t.joined[h.start:h.end])
			found = append(found, c.suggestion(c.terms.terms[h.term], false, scoreInside+399*letters/utf8.RuneCountInString(t.joined)))
		}
	}
	return found
}

func (c *Catalog) suggestion(t term, exact bool, score int) Suggestion {
	return Suggestion{Code: c.capabilities[t.code].Code, Matched: t.written, Language: t.language, Exact: exact, Score: score}
}

// onePerCode keeps the best suggestion of each capability and orders them.
func (c *Catalog) onePerCode(all []Suggestion) []Suggestion {
	place := map[string]int{}
	var kept []Suggestion
	for _, s := range all {
		i, ok := place[s.Code]
		switch {
		case !ok:
			place[s.Code] = len(kept)
			kept = append(kept, s)
		case s.Score > kept[i].Score:
			kept[i] = s
		}
	}
	slices.SortStableFunc(kept, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), c.deeperFirst(a.Code, b.Code))
	})
	return kept
}

func (c *Catalog) deeperFirst(a, b string) int {
	x, y := c.capabilities[c.codes[a]], c.capabilities[c.codes[b]]
	return cmp.Or(cmp.Compare(y.Depth, x.Depth), cmp.Compare(x.Index, y.Index))
}

// Resolution is what a text became.
type Resolution struct {
	Codes   []string     // exactly one: chosen; several: ambiguous, deepest first; none: unknown or too vague
	Matches []Suggestion // how each of Codes was met, in the same order
	Nearest []string     // what the writer may have meant, where Codes is empty; a vague match first
}

// Chosen returns the capability when the text means exactly one.
func (r Resolution) Chosen() (string, bool) {
	if len(r.Codes) == 1 {
		return r.Codes[0], true
	}
	return "", false
}

// Ambiguous tells whether the writer has to choose among Codes.
func (r Resolution) Ambiguous() bool { return len(r.Codes) > 1 }

// nearestCount is how many capabilities are offered in place of an unknown one.
const nearestCount = 3

// Resolve finds the capability that a firm's own words mean, in any of the three languages or as a code. A text that is
// a code is that code. A text that is a term of several capabilities is ambiguous, and so is one that holds terms of
// several; but a broader capability named in passing gives way to a narrower one below it.
func (c *Catalog) Resolve(s string) Resolution {
	r := c.Meaning(s)
	if len(r.Codes) == 0 && strings.TrimSpace(s) != "" {
		for _, code := range c.Nearest(s, nearestCount) {
			if len(r.Nearest) < nearestCount && !slices.Contains(r.Nearest, code) {
				r.Nearest = append(r.Nearest, code)
			}
		}
	}
	return r
}

// Meaning is Resolve without the search for what else may have been meant, which takes a hundred times as long: Nearest holds a vague
// match at most.
func (c *Catalog) Meaning(s string) Resolution {
	matches := c.hits(s, newText(s))
	exact := slices.DeleteFunc(slices.Clone(matches), func(m Suggestion) bool { return !m.Exact })
	var r Resolution
	switch {
	case len(exact) > 0 && exact[0].Matched == exact[0].Code:
		r.Matches = exact[:1]
	case len(exact) > 0 || looksLikeCode(s):
		r.Matches = c.onePerCode(exact)
	default:
		r.Matches = c.onePerCode(matches)
		if len(r.Matches) == 1 && r.Matches[0].inPassing() {
			r.Nearest = []string{r.Matches[0].Code}
			r.Matches = nil
		}
		r.Matches = narrowest(r.Matches)
	}
	slices.SortStableFunc(r.Matches, func(a, b Suggestion) int { return c.deeperFirst(a.Code, b.Code) })
	for _, m := range r.Matches {
		r.Codes = append(r.Codes, m.Code)
	}
	return r
}

// inPassing tells whether a text holds one plain word of the vocabulary and says more besides: "steel works on the lake"
// is not enough to choose for the writer, "thin-line towed array for small ships" is.
func (s Suggestion) inPassing() bool {
	const halfCovered = scoreInside + 399/2
	matched := newText(s.Matched)
	compound := len(matched.words) > 1 || matched.words[0].joint && utf8.RuneCountInString(matched.joined) > 3
	return !compound && s.Score < halfCovered
}

// looksLikeCode tells a misspelt code from words: its parts are joined by dots without spaces. Words inside it must not
// choose another capability for the writer.
func looksLikeCode(s string) bool {
	s = strings.TrimSpace(s)
	return strings.Contains(strings.Trim(s, "."), ".") && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}

// narrowest drops matches of capabilities above another matched one, unless both were met by the same words.
func narrowest(matches []Suggestion) []Suggestion {
	return slices.DeleteFunc(slices.Clone(matches), func(m Suggestion) bool {
		return slices.ContainsFunc(matches, func(other Suggestion) bool {
			return strings.HasPrefix(other.Code, m.Code+".") && other.Matched != m.Matched
		})
	})
}

// Mentions lists the capabilities whose names or synonyms a longer text holds, in file order, each once.
func (c *Catalog) Mentions(s string) []Code {
	var codes []Code
	for _, h := range c.terms.find(newText(s)) {
		codes = append(codes, c.terms.terms[h.term].code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

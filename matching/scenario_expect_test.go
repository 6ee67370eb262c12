package matching

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// ready builds the market once the lines above are done with it.
func (s *scenario) ready() (*Market, error) {
	if s.market != nil {
		return s.market, nil
	}
	rarity := Flat()
	if s.counted {
		rarity = Count(catalog.Embedded(), CurrentWeights(), s.profiles)
	}
	m, err := NewMarket(catalog.Embedded(), CurrentWeights(), rarity, s.facts, s.profiles)
	if s.market = m; err == nil && s.built != nil {
		s.built(m)
	}
	return m, err
}

// expect checks a line such as "a ~ b is reciprocal" or "best of a are b, c".
func (s *scenario) expect(line string) error {
	m, err := s.ready()
	if err != nil {
		return err
	}
	if rest, ok := strings.CutPrefix(line, "best of "); ok {
		return expectBest(m, rest)
	}
	for _, comparison := range []string{"above", "like"} {
		if left, right, ok := strings.Cut(line, " scores "+comparison+" "); ok {
			return expectComparison(m, left, comparison, right)
		}
	}
	words := strings.Fields(line)
	if len(words) < 4 || words[1] != "~" {
		return fmt.Errorf("%q is not understood", line)
	}
	e, err := m.Explain(words[0], words[2], 0)
	if err != nil {
		return err
	}
	claim := strings.Join(words[3:], " ")
	for _, c := range claims {
		if value, ok := strings.CutPrefix(claim, c.prefix); ok {
			if got := c.check(&view{m, &e}, strings.TrimSpace(value)); got != "" {
				return fmt.Errorf("want %q, but %s", line, got)
			}
			return nil
		}
	}
	return fmt.Errorf("%q is not understood", claim)
}

// view is a pairing under test.
type view struct {
	market *Market
	*Explanation
}

// claims are what can be expected of a pair; a check returns what is the case instead, or "".
var claims = []struct {
	prefix string
	check  func(v *view, value string) string
}{
	{"is reciprocal", func(v *view, _ string) string { return differs(v.Tier == Reciprocal && v.Proposed, v.state()) }},
	{"is one-sided", func(v *view, _ string) string { return differs(v.Tier == OneSided && v.Proposed, v.state()) }},
	{"is not proposed:", func(v *view, cause string) string { return differs(v.Cause.String() == cause, v.state()) }},
	{"works by ", func(v *view, mode string) string {
		return differs(v.PrimaryMode.Token() == mode, "it works by "+v.PrimaryMode.Token())
	}},
	{"gate is ", func(v *view, state string) string {
		return differs(v.Gate.String() == enumName(state), "the gate is "+v.Gate.String()+v.gates())
	}},
	{"asks for ", func(v *view, demand string) string { return differs(v.asks(demand), "it asks for"+v.gates()) }},
	{"does not ask for ", func(v *view, demand string) string { return differs(!v.asks(demand), "it asks for"+v.gates()) }},
	{"uses framework ", func(v *view, id string) string {
		id, later, ordered := strings.Cut(id, " before ")
		at, then := slices.Index(v.routes(), id), slices.Index(v.routes(), later)
		return differs(at >= 0 && (!ordered || at < then), fmt.Sprint("it uses ", v.routes()))
	}},
	{"uses first framework ", func(v *view, id string) string {
		return differs(slices.Index(v.routes(), id) == 0, fmt.Sprint("it uses ", v.routes()))
	}},
	{"does not use framework ", func(v *view, id string) string {
		return differs(!slices.Contains(v.routes(), id), fmt.Sprint("it uses ", v.routes()))
	}},
	{"lacks framework ", func(v *view, id string) string {
		return differs(slices.Contains(v.gaps(), id), fmt.Sprint("it lacks ", v.gaps()))
	}},
	{"lacks no framework", func(v *view, _ string) string { return differs(len(v.gaps()) == 0, fmt.Sprint("it lacks ", v.gaps())) }},
	{"serves program ", func(v *view, p string) string {
		return differs(slices.Contains(v.programs(), p), fmt.Sprint("it serves ", v.programs()))
	}},
	{"does not serve program ", func(v *view, id string) string {
		return differs(!slices.ContainsFunc(v.programs(), func(p string) bool { return strings.HasPrefix(p, id+",") }), fmt.Sprint("it serves ", v.programs()))
	}},
	{"is bought between governments through ", func(v *view, contacts string) string {
		return differs(v.G2G && strings.Join(v.Contacts, ", ") == contacts, fmt.Sprint("g2g is ", v.G2G, " through ", v.Contacts))
	}},
	{"is not bought between governments", func(v *view, _ string) string { return differs(!v.G2G, "it is") }},
	{"meets at ", func(v *view, want string) string { return differs(v.meets() == want, "it meets at "+v.meets()) }},
	{"says ", func(v *view, text string) string {
		return differs(slices.ContainsFunc(v.sentences(), func(s string) bool { return strings.Contains(s, strings.Trim(text, `"`)) }), "it says\n"+strings.Join(v.sentences(), "\n"))
	}},
	{"does not say ", func(v *view, text string) string {
		return differs(!slices.ContainsFunc(v.sentences(), func(s string) bool { return strings.Contains(s, strings.Trim(text, `"`)) }), "it says\n"+strings.Join(v.sentences(), "\n"))
	}},
	{"carries ", func(v *view, label string) string {
		return differs(slices.Contains(append(v.Labels, v.Themes...), label), fmt.Sprint("it carries ", v.Labels, v.Themes))
	}},
	{"gets points for ", func(v *view, kind string) string {
		return differs(v.points(kind) > 0, fmt.Sprint("parts are ", v.parts()))
	}},
	{"gets nothing for ", func(v *view, kind string) string {
		return differs(v.points(kind) == 0, fmt.Sprint("parts are ", v.parts()))
	}},
}

func differs(ok bool, got string) string {
	if ok {
		return ""
	}
	return got
}

func (v *view) state() string {
	if !v.Proposed {
		return "it is not proposed: " + v.Cause.String()
	}
	return "it is " + v.Tier.String()
}

// asks tells whether a gate item has a token, as in "export-licence" or "export-licence of <firm>".
func (v *view) asks(demand string) bool {
	token, firm, _ := strings.Cut(demand, " of ")
	return slices.ContainsFunc(v.GateItems, func(i GateItem) bool { return string(i.Token) == token && (firm == "" || i.Firm == firm) })
}

func (v *view) gates() string {
	var b strings.Builder
	for _, i := range v.GateItems {
		fmt.Fprintf(&b, " %s of %s %s;", i.Token, i.Firm, i.State)
	}
	return b.String()
}

func (v *view) routes() (ids []string) {
	for _, f := range v.Frameworks {
		ids = append(ids, f.ID)
	}
	return ids
}

func (v *view) gaps() (ids []string) {
	for _, f := range v.FrameworkGaps {
		ids = append(ids, f.ID)
	}
	return ids
}

func (v *view) programs() (uses []string) {
	for _, p := range v.Programs {
		uses = append(uses, p.ID+", "+strings.ToLower(p.State.String()))
	}
	return uses
}

func (v *view) meets() string {
	if v.Venue == nil {
		return "none"
	}
	return v.Venue.ID + " on " + v.Venue.When.String()
}

// sentences are everything that is said of the pair, in English.
func (v *view) sentences() (out []string) {
	cat := v.market.Named()
	for _, s := range allSentences(v.Explanation) {
		out = append(out, s.In(cat, catalog.EN))
	}
	return out
}

// allSentences collects every sentence of an explanation.
func allSentences(e *Explanation) (out []Sentence) {
	if e.Why.Key != "" {
		out = append(out, e.Why)
	}
	for _, p := range e.Parts {
		out = append(out, p.Sentence)
	}
	out = append(out, e.Reasons...)
	for _, f := range append(slices.Clone(e.Frameworks), e.FrameworkGaps...) {
		out = append(out, f.Sentence)
	}
	for _, p := range e.Programs {
		out = append(out, p.Sentence)
	}
	if e.Venue != nil {
		out = append(out, e.Venue.Sentence)
	}
	for _, g := range e.GateItems {
		out = append(out, g.Sentence)
	}
	return append(out, e.Notices...)
}

func (v *view) points(kind string) (points int32) {
	for _, p := range v.Parts {
		if p.Kind.String() == enumName(kind) {
			points += p.Points
		}
	}
	return points
}

func (v *view) parts() (out []string) {
	for _, p := range v.Parts {
		out = append(out, fmt.Sprintf("%s %d of %d", p.Kind, p.Points, p.MaxPoints))
	}
	return out
}

// expectBest checks "a are b, c": the whole list of a, best first.
func expectBest(m *Market, rest string) error {
	id, want, _ := strings.Cut(rest, " are ")
	pairings, err := m.Partners(id, 0, Filter{})
	if err != nil {
		return err
	}
	var got []string
	for _, p := range pairings {
		other := p.First
		if other == id {
			other = p.Second
		}
		got = append(got, other)
	}
	if len(got) == 0 {
		got = []string{"none"}
	}
	if strings.Join(got, ", ") != want {
		return fmt.Errorf("the best of %s are %s: want %s", id, strings.Join(got, ", "), want)
	}
	return nil
}

// expectComparison checks "a ~ b scores above c ~ d" and "... scores like ...".
func expectComparison(m *Market, left, comparison, right string) error {
	var scores [2]int32
	for i, pair := range []string{left, right} {
		a, b, ok := strings.Cut(pair, " ~ ")
		if !ok {
			return fmt.Errorf("%q: want a pair", pair)
		}
		e, err := m.Explain(a, b, 0)
		if err != nil {
			return err
		}
		scores[i] = e.Score
	}
	if comparison == "above" && scores[0] <= scores[1] || comparison == "like" && scores[0] != scores[1] {
		return fmt.Errorf("%s scores %d and %s scores %d: want %s", left, scores[0], right, scores[1], comparison)
	}
	return nil
}

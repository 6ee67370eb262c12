package matching

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// leftover is what a rendered sentence must not hold: an unknown key or missing argument, a brace, a typed argument that
// nobody named, an empty argument between its marks.
var leftover = regexp.MustCompile(`«engine|[{}]|\b(cap|fw|prog|venue|actor|firm|mode|country|region|list|date|text|n):|«\x{00a0}*»|‘’|\(\)|\(, |: \.|: ;|  |, ,`)

// Everything that is said of any shipped pair, proposed or not, exists in three languages and is whole.
func TestEverySentenceRenders(t *testing.T) {
	m := shippedMarket(t)
	cat := m.Named()
	seen := map[string]bool{}
	check := func(pair string, sentences []Sentence) {
		for _, s := range sentences {
			seen[s.Key] = true
			for _, l := range catalog.Languages() {
				if text := s.In(cat, l); leftover.MatchString(text) || text == "" {
					t.Errorf("%s: %s in %s: %q holds %q", pair, s.Key, l, text, leftover.FindString(text))
				}
			}
		}
	}
	for _, p := range run(t, m, RunOptions{Workers: 2}).Rows {
		check(p.ID(), allSentences(&Explanation{Pairing: p}))
	}
	for i := range 300 {
		a, b := m.firms(First)[i%len(m.firms(First))], m.firms(Second)[(i*31)%len(m.firms(Second))]
		e, err := m.Explain(a.id, b.id, 0)
		if err != nil {
			t.Fatal(err)
		}
		check(e.ID(), allSentences(&e))
	}
	if len(seen) < 40 {
		t.Errorf("%d different sentences: the shipped pairs show too little", len(seen))
	}
}

// Every sentence that the engine's scenarios make it say exists, and every sentence that the catalogue keeps for the
// engine can be said.
func TestNoSentenceIsMissingOrIdle(t *testing.T) {
	cat := catalog.Embedded()
	said := map[string]bool{}
	note := func(m *Market) {
		for i, a := range m.Profiles() {
			suggested, err := m.SuggestNeeds(a.ID, true, MaxSuggestions)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range suggested {
				for _, s := range n.Reasons {
					said[s.Key] = true
				}
			}
			for _, b := range m.Profiles()[i+1:] {
				e, err := m.Explain(a.ID, b.ID, 1)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range allSentences(&e) {
					said[s.Key] = true
					if !cat.HasSentence(s.Key) {
						t.Errorf("%s: no sentence %s", e.ID(), s.Key)
					}
					if got, want := len(s.Args), cat.Placeholders(s.Key); got < want {
						t.Errorf("%s: %s has %d arguments: want %d", e.ID(), s.Key, got, want)
					}
				}
			}
		}
	}
	eachScenario(t, note)
	for seed := range uint64(6) {
		note(randomMarket(t, 100+seed, 70))
	}
	var idle []string
	for _, key := range cat.Keys() {
		if strings.HasPrefix(key, "engine.") && !said[key] {
			idle = append(idle, key)
		}
	}
	slices.Sort(idle)
	if len(idle) > 0 {
		t.Errorf("never said: %s", strings.Join(idle, ", "))
	}
}

// Reasons may be shown to the counterpart: no words of a need, no numbers, no capability finer than a group.
func TestReasonsDiscloseCategoriesOnly(t *testing.T) {
	m := shippedMarket(t)
	for _, p := range run(t, m, RunOptions{Workers: 2}).Rows {
		if len(p.Reasons) < 2 {
			t.Errorf("%s: %d reasons", p.ID(), len(p.Reasons))
		}
		for _, s := range p.Reasons {
			for _, arg := range s.Args {
				prefix, id, _ := strings.Cut(arg, ":")
				if prefix != "firm" && prefix != "mode" && (prefix != "cap" || strings.Count(id, ".") > 1) {
					t.Errorf("%s: %s discloses %q", p.ID(), s.Key, arg)
				}
			}
		}
	}
}

// The pairs that the partnership's announcement names are explained well: what answers what, on which route, under which
// condition, in each language.
func TestNamedPairsAreExplained(t *testing.T) {
	m := shippedMarket(t)
	cat := m.Named()
	tests := []struct {
		first, second string
		mode          Mode
		framework     string
		program       string
		theme         string
		says          catalog.Text
	}{
		{
			"defence-research-and-development-canada", "agency-for-defense-development", JointRD, "rd-mou", "", "focus-asw",
			catalog.Text{
				"Agency for Defense Development is looking for a partner in underwater acoustics research; this is what Defence Research and Development Canada does.",
				"cherche un partenaire («\u00a0recherche en acoustique sous-marine\u00a0»)",
				"국방과학연구소는 ‘수중음향 연구’ 분야의 협력사를 찾고 있습니다.",
			},
		},
		{
			"algoma-steel", "hanwha-ocean", 0, "sdcp", "cpsp, conditional", "focus-steel",
			catalog.Text{
				"Hanwha Ocean is looking for a supplier of high-yield pressure-hull steel (HY80/HY100); Algoma Steel covers the wider field of steel.",
				"Sous condition de l'attribution d'un programme\u00a0: Programme de sous-marins canadiens de patrouille",
				"사업자 선정 결과에 따라 유효한 조건부 매칭입니다: 캐나다 초계 잠수함",
			},
		},
		{
			"telesat", "hanwha-systems", CoDevelopment, "ccc-dapa-loi", "kr-leo-satcom, conditional", "focus-space",
			catalog.Text{"Hanwha Systems is looking for a partner in LEO broadband constellations; this is what Telesat does.", "c'est le métier de Télésat", "한화시스템은 ‘"},
		},
		{
			"mda-space", "hanwha-systems", CoDevelopment, "ccc-dapa-loi", "lightspeed, active", "focus-space",
			catalog.Text{"Hanwha Systems is looking for a partner in LEO broadband constellations; this is what MDA Space does.", "c'est le métier de MDA Space", "한화시스템은 ‘"},
		},
		{
			"nordspace", "innospace", JointRD, "sdcp", "canadian-launch-sites, conditional", "focus-space",
			catalog.Text{"Innospace is looking for a supplier of launch sites and range services; this is what NordSpace does.", "c'est le métier de NordSpace", "이노스페이스는 ‘"},
		},
	}
	for _, test := range tests {
		t.Run(test.first, func(t *testing.T) {
			e, err := m.Explain(test.second, test.first, 0)
			if err != nil {
				t.Fatal(err)
			}
			v := &view{m, &e}
			if !e.Proposed || e.Tier != Reciprocal || test.mode != 0 && e.PrimaryMode != test.mode {
				t.Errorf("%s, %s", v.state(), e.PrimaryMode)
			}
			if !slices.Contains(v.routes(), test.framework) || test.program != "" && !slices.Contains(v.programs(), test.program) ||
				!slices.Contains(e.Themes, test.theme) {
				t.Errorf("frameworks %v, programmes %v, themes %v", v.routes(), v.programs(), e.Themes)
			}
			for l, want := range test.says {
				var all []string
				for _, s := range allSentences(&e) {
					all = append(all, s.In(cat, catalog.Language(l)))
				}
				if text := strings.Join(all, "\n"); !strings.Contains(text, want) {
					t.Errorf("want %q in\n%s", want, text)
				}
			}
			if len(e.Notices) == 0 || e.Venue == nil {
				t.Error("no notice that needs are inferred, or no venue")
			}
		})
	}
}

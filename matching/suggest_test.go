package matching

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func suggester(t *testing.T, profiles ...Profile) *Market {
	t.Helper()
	m, err := NewMarket(catalog.Embedded(), CurrentWeights(), Flat(), seedFacts(t), profiles)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// suggested writes suggestions as "code aim modes: keys of the reasons".
func suggested(t *testing.T, m *Market, id string, alike bool, top int) []string {
	t.Helper()
	found, err := m.SuggestNeeds(id, alike, top)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range found {
		line := catalog.Embedded().Capability(s.Capability).Code + " " + s.Aim.String()
		for _, mode := range s.Modes.List() {
			line += " " + mode.Token()
		}
		for _, r := range s.Reasons {
			line += " " + strings.TrimPrefix(r.Key, "engine.suggest.")
		}
		out = append(out, line)
	}
	return out
}

func offering(t *testing.T, id string, side Side, codes ...string) Profile {
	t.Helper()
	p := Profile{ID: id, Name: id, Side: side, Status: Approved, Kind: Company}
	for _, c := range codes {
		p.Offers = append(p.Offers, Offer{Capability: code(t, c)})
	}
	return p
}

func TestSuggestNeedsFromOffersAndWords(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Profile)
		want   []string // all of them stand in the answer
		not    []string // none of these codes does
	}{
		{"what goes in is bought, where it goes is sold", nil, []string{
			"underwater.sonar.transducer SUPPLIER supply input", "naval.surface.frigate CUSTOMER supply customer",
		}, []string{"underwater.sonar.towed-array"}},
		{"a university looks for research", func(p *Profile) { p.Kind = University }, []string{"underwater.sonar.transducer PARTNER joint-rd together"}, nil},
		{"modes that the organisation does not accept are left out", func(p *Profile) { p.Modes = NewModeSet(CoDevelopment) }, []string{
			"underwater.sonar.transducer SUPPLIER input", "underwater.asw.surveillance PARTNER co-development together",
		}, nil},
		{"what is stated is not suggested", func(p *Profile) { p.Needs = []Need{{Capability: code(t, "underwater.sonar.transducer")}} }, nil,
			[]string{"underwater.sonar.transducer"}},
		{"what is stated more widely is not suggested", func(p *Profile) { p.Needs = []Need{{Capability: code(t, "naval.surface")}} }, nil,
			[]string{"naval.surface.frigate"}},
		{"its own words name what it does not offer", func(p *Profile) { p.Summary.EN = "Arrays for icebreakers and frigates" }, []string{
			"naval.surface.frigate CUSTOMER supply customer words", "naval.surface.icebreaker PARTNER words",
		}, nil},
		{"in Korean too", func(p *Profile) { p.Summary.Native = "쇄빙선" }, []string{"naval.surface.icebreaker PARTNER words"}, nil},
		{"without offers and words there is nothing to say", func(p *Profile) { p.Offers = nil }, nil, []string{"naval.surface.frigate"}},
	}
	for _, test := range tests {
		p := offering(t, "seeker", First, "underwater.sonar.towed-array")
		if test.change != nil {
			test.change(&p)
		}
		got := suggested(t, suggester(t, p), "seeker", false, MaxSuggestions)
		for _, want := range test.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %q is missing in\n%s", test.name, want, strings.Join(got, "\n"))
			}
		}
		for _, line := range got {
			if c, _, _ := strings.Cut(line, " "); slices.Contains(test.not, c) {
				t.Errorf("%s: got %q", test.name, line)
			}
		}
	}
	if _, err := suggester(t).SuggestNeeds("nobody", false, 1); err == nil {
		t.Error("suggested to nobody")
	}
}

// What a firm is told does not depend on other firms at all; what staff are told does.
func TestSuggestNeedsTellsAFirmNothingOfOthers(t *testing.T) {
	seeker := offering(t, "seeker", First, "metals.steel.plate")
	rivals := []Profile{
		offering(t, "rival-one", First, "metals.steel.plate"), offering(t, "rival-two", Second, "metals.steel.plate"),
		offering(t, "other", Second, "space.eo.sar"),
	}
	alone := suggester(t, seeker)
	without := suggester(t, append(slices.Clone(rivals), seeker)...)
	for i := range rivals {
		rivals[i].Needs = []Need{{Capability: code(t, "manufacturing.process.inspection"), Aim: Supplier, Modes: NewModeSet(Supply)}}
	}
	with := suggester(t, append(slices.Clone(rivals), seeker)...)
	want := suggested(t, alone, "seeker", false, MaxSuggestions)
	if len(want) == 0 {
		t.Fatal("nothing is suggested to a steel mill")
	}
	for name, m := range map[string]*Market{"rivals": without, "rivals with needs": with} {
		if diff := cmp.Diff(want, suggested(t, m, "seeker", false, MaxSuggestions)); diff != "" {
			t.Errorf("%s change what a firm is told: (-alone +beside them)\n%s", name, diff)
		}
	}
	const line = "manufacturing.process.inspection SUPPLIER supply alike"
	if got := suggested(t, with, "seeker", true, MaxSuggestions); !slices.Contains(got, line) {
		t.Errorf("%q is missing in what staff are told:\n%s", line, strings.Join(got, "\n"))
	}
	if diff := cmp.Diff(want, suggested(t, without, "seeker", true, MaxSuggestions)); diff != "" {
		t.Errorf("rivals that look for nothing: (-want +got)\n%s", diff)
	}
}

// Staff hear of what at least two of the most similar look for, and every sentence is one in each language.
func TestSuggestNeedsOfTheShipped(t *testing.T) {
	m := shippedMarket(t)
	several, alike := 0, 0
	for _, p := range m.Profiles() {
		found, err := m.SuggestNeeds(p.ID, true, DefaultTop)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) >= 3 {
			several++
		}
		for _, s := range found {
			if len(s.Reasons) == 0 || len(s.Reasons) > mostReasons || s.Aim == 0 {
				t.Errorf("%s: %+v: want an aim and one to three reasons", p.ID, s)
			}
			for _, r := range s.Reasons {
				if r.Key == "engine.suggest.alike" {
					alike++
				}
				for _, l := range []catalog.Language{catalog.EN, catalog.FR, catalog.KO} {
					if text := r.In(catalog.Embedded(), l); text == "" || strings.Contains(text, "engine.") || strings.Contains(text, "{") {
						t.Errorf("%s in %v: %q", r.Key, l, text)
					}
				}
			}
		}
	}
	if n := m.Len(); several < n/2 || alike == 0 {
		t.Errorf("of %d organisations %d get three suggestions or more, and %d are founded on similar ones", n, several, alike)
	}
}

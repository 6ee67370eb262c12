package scorecard

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func profile(t *testing.T, id string, side matching.Side, offers ...string) matching.Profile {
	t.Helper()
	p := matching.Profile{ID: id, Side: side, Status: matching.Approved, Kind: matching.Company, Country: []string{"CA", "KR"}[side]}
	for _, code := range offers {
		capability, ok := catalog.Embedded().Lookup(code)
		if !ok {
			t.Fatalf("the catalogue has no %s", code)
		}
		p.Offers = append(p.Offers, matching.Offer{Capability: capability})
	}
	return p
}

func TestLookAlikeFindsWhoOffersTheSame(t *testing.T) {
	way := LookAlike(catalog.Embedded(), []matching.Profile{
		profile(t, "seeker", matching.First, "underwater.sonar.towed-array"),
		profile(t, "twin-of-own-side", matching.First, "underwater.sonar.towed-array"),
		profile(t, "cousin", matching.Second, "underwater.sonar.survey"),
		profile(t, "twin", matching.Second, "underwater.sonar.towed-array"),
		profile(t, "twin-and-more", matching.Second, "underwater.sonar.towed-array", "metals.steel.plate"),
		profile(t, "stranger", matching.Second, "metals.steel.plate"),
	})
	if diff := cmp.Diff([]string{"twin", "twin-and-more", "cousin"}, way.List("seeker")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func pairing(second string, tier matching.Tier, f, g, need, text int32) matching.Pairing {
	return matching.Pairing{
		First: "seeker", Second: second, Tier: tier, Score: need + text, FirstCoverage: f, SecondCoverage: g,
		Parts: []matching.Part{{Kind: matching.PartNeed, Points: need}, {Kind: matching.PartText, Points: text}},
	}
}

func TestPartsTakenOut(t *testing.T) {
	pairings := []matching.Pairing{
		pairing("balanced", matching.Reciprocal, 4000, 4000, 3000, 0),
		pairing("wordy", matching.Reciprocal, 3600, 3600, 2700, 900),
		pairing("unequal", matching.Reciprocal, 9000, 1000, 2250, 100),
		pairing("one-sided", matching.OneSided, 9900, 0, 9000, 900),
	}
	want := map[string][]string{
		"tandem":               {"wordy", "balanced", "unequal", "one-sided"},
		"sum of one-way needs": {"unequal", "one-sided", "balanced", "wordy"},
		"without text":         {"balanced", "wordy", "unequal", "one-sided"},
		"text as the only term": {
			"wordy", "balanced", "unequal", "one-sided",
		},
		"without the modulator": {"balanced", "wordy", "unequal", "one-sided"},
		"arithmetic mean":       {"unequal", "wordy", "balanced", "one-sided"},
		"harmonic mean":         {"wordy", "balanced", "unequal", "one-sided"},
		"the weaker side only":  {"wordy", "balanced", "unequal", "one-sided"},
		"tiers mixed":           {"one-sided", "wordy", "balanced", "unequal"},
	}
	ways := append(rescored(pairings), Scored("tandem", pairings), OneWay(pairings))
	if len(ways) != len(want) {
		t.Errorf("got %d ways: want %d", len(ways), len(want))
	}
	for _, way := range ways {
		if diff := cmp.Diff(want[way.Name], way.List("seeker")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", way.Name, diff)
		}
	}
}

// Every part that other constants take out is there to be taken out, and is not out already.
func TestWithouts(t *testing.T) {
	for _, without := range withouts {
		changed, err := with(matching.CurrentWeights(), without.settings)
		if err != nil {
			t.Errorf("%s: %v", without.name, err)
			continue
		}
		for _, s := range without.settings {
			if !strings.Contains(changed.Version, s.name) {
				t.Errorf("%s: the version %q does not say that it is no stored one", without.name, changed.Version)
			}
		}
	}
}

// Run over the organisations of no case says so; over all of them the command's own test runs it.
func TestRunWantsEveryOrganisation(t *testing.T) {
	_, err := Run(t.Context(), catalog.Embedded(), matching.CurrentWeights(), []matching.Profile{profile(t, "geospectrum-technologies", matching.First)}, Options{})
	if err == nil || !strings.Contains(err.Error(), "lig-nex1 is not among the organisations") {
		t.Errorf("got %v", err)
	}
}

func TestWrite(t *testing.T) {
	card := &Scorecard{
		Half: SetAside, Cases: 3, Questions: 1,
		Ways:     []Line{{Name: "engine"}, {Name: "other", Values: Values{NDCG: 500_000}, NDCG: Difference{-20_000, -30_000, -10_000}}},
		Ablation: []Line{{Name: "engine"}},
		Parts:    []Part{{Name: "launch", Questions: 1, Ways: []Values{{}, {Recall: whole}}}},
	}
	var out bytes.Buffer
	if err := card.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"The set aside half of the judged cases: 3 cases, 1 questions\n", "\nother ", "0.500", "-0.020 [-0.030 -0.010]*", "\nlaunch, 1 ", "1.000",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

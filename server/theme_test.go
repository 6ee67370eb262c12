package server

import (
	"slices"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestThemesOfACapability (S11, S53, S60, S70, S71, S74): what the partnership names is found from the capability that it is about.
func TestThemesOfACapability(t *testing.T) {
	c := tandemv1.NewCatalogServiceClient(openServer(t, Config{}).Operator())
	for capability, want := range map[string][]string{
		"underwater.sonar.towed-array":         {"unclos-maritime-order", "maritime-security", "asw-research", "focus-asw"},
		"naval.submarine.propulsion":           {"unclos-maritime-order", "maritime-security", "focus-shipbuilding"},
		"underwater.seabed.cable-monitoring":   {"hybrid-threats", "maritime-security"},
		"cyber.infrastructure.energy-grid":     {"hybrid-threats", "cyber-resilience"},
		"c4isr.comms.networks":                 {"hybrid-threats"},
		"metals.nonferrous.nickel-alloys":      {"critical-materials", "supply-chain-resilience", "focus-steel"},
		"training.services.crew-maintainer":    {"partner-capacity-building", "interoperability", "peace-operations"},
		"energy.fuels.hydrogen":                {"climate-security", "critical-materials"},
		"emerging.autonomy":                    {"responsible-military-ai", "emerging-technologies"},
		"soldier.equipment.special-operations": {"special-operations"},
	} {
		answer, err := c.ListThemes(t.Context(), &tandemv1.ListThemesRequest{Filter: `capability = "` + capability + `"`, PageSize: 100})
		if err != nil {
			t.Fatalf("%s: %v", capability, err)
		}
		var got []string
		for _, theme := range answer.Themes {
			got = append(got, theme.Name)
		}
		for _, name := range want {
			if !slices.Contains(got, "themes/"+name) {
				t.Errorf("%s belongs to %q, want %s among them", capability, got, name)
			}
		}
		if slices.Contains(got, "themes/focus-space") {
			t.Errorf("%s belongs to space", capability)
		}
	}
	if _, err := c.ListThemes(t.Context(), &tandemv1.ListThemesRequest{Filter: `capability = "underwater.sona"`}); err == nil {
		t.Error("an unknown capability was taken")
	}
}

// TestDomainsAreFoundByTheirWords (S61, S62): each of their synonyms, in each language, suggests the capability.
func TestDomainsAreFoundByTheirWords(t *testing.T) {
	c := tandemv1.NewCatalogServiceClient(openServer(t, Config{}).Operator())
	for _, code := range []string{"emerging", "cyber.infrastructure"} {
		domain, err := c.GetCapability(t.Context(), &tandemv1.GetCapabilityRequest{Name: "capabilities/" + code})
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range [][]string{domain.SynonymsEn, domain.SynonymsFr, domain.SynonymsKo} {
			if len(words) < 2 {
				t.Errorf("%s has the synonyms %q, want two at least in each language", code, words)
			}
			for _, word := range words {
				answer, err := c.SuggestCapabilities(t.Context(), &tandemv1.SuggestCapabilitiesRequest{Text: word})
				if err != nil || !slices.ContainsFunc(answer.GetSuggestions(), func(s *tandemv1.SuggestCapabilitiesResponse_Suggestion) bool { return s.Code == code }) {
					t.Errorf("%q suggests %v (%v), want %s among them", word, answer.GetSuggestions(), err, code)
				}
			}
		}
	}
}

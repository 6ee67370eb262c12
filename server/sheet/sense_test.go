package sheet

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// TestMeaningOfWords reads pieces of free text of which one word is in the vocabulary and is not what they are about, and such of which it is.
func TestMeaningOfWords(t *testing.T) {
	w := newWords(catalog.Embedded(), nil)
	type meaning struct{ Code, Aim string }
	for _, test := range []struct {
		field, text string
		want        []meaning
	}{
		{fieldOffers, "quantum bananas", []meaning{{}}},
		{fieldOffers, "steel works on the lake", []meaning{{}}},
		{fieldOffers, "tenant space", []meaning{{}}},
		{fieldOffers, "surveillance radars for mission aircraft", []meaning{{Code: "c4isr.radar"}}},
		{fieldOffers, "Lithium from oilfield brines", []meaning{{Code: "metals.critical.lithium"}}},
		{fieldOffers, "supply of towed array sonar", []meaning{{Code: "underwater.sonar.towed-array"}}},
		{fieldOffers, "support of patrol aircraft and maritime helicopters", []meaning{{}}},
		{fieldOffers, "함정·압력선체용 고장력강", []meaning{{Code: "metals.steel.high-yield"}}},
		{fieldNeeds, "Helicopter makers needing simulators", []meaning{{Code: "air.rotary", Aim: "CUSTOMER"}}},
		{fieldNeeds, "Constructeurs d'hélicoptères ayant besoin de simulateurs", []meaning{{Code: "air.rotary", Aim: "CUSTOMER"}}},
		{fieldNeeds, "항재밍 항법이 필요한 무인항공기 제작사", []meaning{{Code: "air.uncrewed", Aim: "CUSTOMER"}}},
		{fieldNeeds, "towed array sonar", []meaning{{Code: "underwater.sonar.towed-array"}}},
	} {
		var got []meaning
		for _, i := range w.items(test.field, test.text) {
			m := meaning{Code: i.code}
			for _, a := range i.attributes {
				if a.key == "aim" {
					m.Aim = a.value
				}
			}
			got = append(got, m)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.field, test.text, diff)
		}
	}
}

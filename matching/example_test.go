package matching_test

import (
	"fmt"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// A sonar array maker looks for a partner. Two houses on the other side could answer: one completes it, the other is its
// double.
func ExampleMarket_Partners() {
	cat := catalog.Embedded()
	array, _ := cat.Lookup("underwater.sonar.towed-array")
	processing, _ := cat.Lookup("underwater.sonar.processing")
	codev := matching.NewModeSet(matching.CoDevelopment)
	firm := func(id, name, country string, side matching.Side, offers, needs catalog.Code) matching.Profile {
		return matching.Profile{
			ID: id, Name: name, Country: country, Side: side, Status: matching.Approved, Kind: matching.Company,
			Offers: []matching.Offer{{Capability: offers, Level: matching.Core}},
			Needs:  []matching.Need{{Capability: needs, Aim: matching.Partner, Priority: matching.High, Modes: codev}},
		}
	}
	profiles := []matching.Profile{
		firm("atlantic-arrays", "Atlantic Arrays", "CA", matching.First, array, processing),
		firm("hanbit-signals", "Hanbit Signals", "KR", matching.Second, processing, array),
		firm("hanbit-arrays", "Hanbit Arrays", "KR", matching.Second, array, processing),
	}
	sides := [2]matching.SideFacts{{ID: "canada", Countries: []string{"CA"}}, {ID: "korea", Countries: []string{"KR"}}}
	facts, err := matching.SeedFacts(cat, sides, "sdcp", matching.Date{Year: 2026, Month: 4, Day: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	market, err := matching.NewMarket(cat, matching.CurrentWeights(), matching.Flat(), facts, profiles)
	if err != nil {
		fmt.Println(err)
		return
	}
	partners, err := market.Partners("atlantic-arrays", 10, matching.Filter{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range partners {
		fmt.Println(p.ID(), p.Score, p.Band, p.PrimaryMode)
		for _, part := range p.Parts {
			fmt.Printf("  %d of %d: %s\n", part.Points, part.MaxPoints, part.Sentence.In(market.Named(), catalog.EN))
		}
	}
	fmt.Println(partners[0].Reasons[0].In(market.Named(), catalog.KO))
	// Output:
	// atlantic-arrays~hanbit-signals 4748 STRONG CO_DEVELOPMENT
	//   2302 of 2746: Atlantic Arrays is looking for a partner in sonar signal processing and classification; this is what Hanbit Signals does.
	//   2301 of 2746: Hanbit Signals is looking for a partner in towed array sonar; this is what Atlantic Arrays does.
	//   145 of 145: The ways of working together that are asked for suit both: co-development.
	// atlantic-arrays~hanbit-arrays 3321 GOOD CO_DEVELOPMENT
	//   1610 of 2660: Atlantic Arrays is looking for a partner in sonar signal processing and classification; Hanbit Arrays brings towed array sonar, which goes hand in hand with it.
	//   1610 of 2660: Hanbit Arrays is looking for a partner in sonar signal processing and classification; Atlantic Arrays brings towed array sonar, which goes hand in hand with it.
	//   101 of 101: The ways of working together that are asked for suit both: co-development.
	// Hanbit Signals는 Atlantic Arrays가 상대를 찾고 있는 ‘음탐기(소나) 및 음향센서’ 분야에서 활동합니다.
}

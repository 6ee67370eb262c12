package matching

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// randomProfiles makes a market of invented organisations whose texts are made of catalogue names and the words around
// them. The same seed gives the same market.
func randomProfiles(seed uint64, n int) []Profile {
	r := rand.New(rand.NewPCG(seed, 1))
	cat := catalog.Embedded()
	anyCode := func() catalog.Code { return catalog.Code(r.IntN(cat.Len())) }
	anyModes := func() ModeSet {
		var s ModeSet
		for range r.IntN(4) {
			s = s.With(Mode(1 + r.IntN(modeCount)))
		}
		return s
	}
	words := func(c catalog.Code) Words {
		about := cat.Capability(c)
		var w Words
		if r.IntN(4) > 0 {
			w.EN = about.Name[catalog.EN] + " and " + about.Synonyms[catalog.EN][0] + " for " + cat.Capability(anyCode()).Name[catalog.EN]
		}
		if r.IntN(3) == 0 {
			w.Native = about.Synonyms[catalog.KO][r.IntN(2)]
		}
		return w
	}
	regions := cat.Regions()
	profiles := make([]Profile, n)
	for i := range profiles {
		p := Profile{
			ID: fmt.Sprintf("firm-%05d", i), Name: fmt.Sprintf("Firm %d", i), Side: Side(r.IntN(2)), Status: Approved,
			Kind: Kind(1 + r.IntN(4)*r.IntN(2)), Size: Size(1 + r.IntN(5)), Region: regions[r.IntN(len(regions))].Code, Modes: anyModes(),
		}
		p.Country = shippedSides[p.Side].Countries[0]
		p.Summary = words(anyCode())
		for range r.IntN(7) {
			c := anyCode()
			o := Offer{Capability: c, Level: Level(1 + r.IntN(2)), TRL: r.IntN(10), Detail: words(c), DesignatedTechnology: r.IntN(9) == 0}
			if r.IntN(3) == 0 {
				o.Modes = anyModes()
			}
			if r.IntN(4) == 0 {
				capacity := int32(r.IntN(2))
				o.Capacity = &capacity
			}
			if r.IntN(4) == 0 {
				o.Material = Material{Grade: []string{"", "HY-80", "316L"}[r.IntN(3)], TonnesPerYear: int32(r.IntN(3) * 500)}
			}
			p.Offers = append(p.Offers, o)
		}
		for range r.IntN(7) {
			c := anyCode()
			need := Need{
				Capability: c, Aim: Aim(1 + r.IntN(3)), Modes: anyModes(), Priority: Priority(1 + r.IntN(3)),
				Classification: Classification(r.IntN(3)), Detail: words(c),
			}
			if r.IntN(4) == 0 {
				need.Material = Material{Grade: []string{"", "HY 80", "316L"}[r.IntN(3)], TonnesPerYear: int32(r.IntN(3) * 400)}
			}
			p.Needs = append(p.Needs, need)
		}
		if r.IntN(3) == 0 {
			p.Programs = []string{cat.Programs()[r.IntN(5)].ID}
		}
		if r.IntN(20) == 0 {
			p.Exclusions = []string{fmt.Sprintf("firm-%05d", r.IntN(n))}
		}
		profiles[i] = p
	}
	return profiles
}

// randomMarket is a market of invented organisations under its own rarity.
func randomMarket(t testing.TB, seed uint64, n int) *Market {
	t.Helper()
	profiles, w := randomProfiles(seed, n), CurrentWeights()
	m, err := NewMarket(catalog.Embedded(), w, Count(catalog.Embedded(), w, profiles), seedFacts(t), profiles)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func BenchmarkRunShipped(b *testing.B) {
	m := shippedMarket(b)
	for b.Loop() {
		if _, err := m.Run(context.Background(), RunOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScorePair(b *testing.B) {
	m := shippedMarket(b)
	firsts, seconds := m.firms(First), m.firms(Second)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		first, second := firsts[i%len(firsts)], seconds[i%len(seconds)]
		m.rate(first, second, nil)
		i++
	}
}

func BenchmarkPartnersOf10000(b *testing.B) {
	m := randomMarket(b, 1, 10000)
	id := m.firms(First)[0].id
	for b.Loop() {
		if _, err := m.Partners(id, 10, Filter{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewMarketShipped(b *testing.B) {
	profiles, w := shipped(b), CurrentWeights()
	r, facts := Count(catalog.Embedded(), w, profiles), seedFacts(b)
	for b.Loop() {
		if _, err := NewMarket(catalog.Embedded(), w, r, facts, profiles); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWith replaces one organisation of many: what a committed write costs until the next answer sees it.
func BenchmarkWith(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, true)
	profiles := m.Profiles()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		next, err := m.With(profiles[i%len(profiles):][:1], nil)
		if err != nil {
			b.Fatal(err)
		}
		m = next
		i += 7919
	}
}

// BenchmarkSealed lays out anew what a hundred writes left loose.
func BenchmarkSealed(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, true)
	loose, err := m.With(m.Profiles()[:100], nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		loose.Sealed()
	}
}

// BenchmarkStanding follows a market of which one organisation in a hundred became another, beside the lists of everybody.
func BenchmarkStanding(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, *syntheticDomain)
	others := synthetic(2, *syntheticSize, *syntheticDomain)
	profiles := m.Profiles()
	var changed []Profile
	for i := 0; i < len(profiles); i += 100 {
		p := others[(i*31)%len(others)]
		p.ID, p.Side = profiles[i].ID, profiles[i].Side
		changed = append(changed, p)
	}
	start := cpuTime()
	s, err := m.Standing(context.Background(), RunOptions{})
	if err != nil {
		b.Fatal(err)
	}
	anew := cpuTime() - start
	next, err := m.With(changed, nil)
	if err != nil {
		b.Fatal(err)
	}
	moved := 0
	start = cpuTime()
	for b.Loop() {
		_, ids, err := s.With(context.Background(), next)
		if err != nil {
			b.Fatal(err)
		}
		moved = len(ids)
	}
	followed := (cpuTime() - start).Seconds() / float64(b.N)
	b.ReportMetric(100*followed/anew.Seconds(), "%-of-all")
	b.ReportMetric(1000*followed/float64(len(changed)), "cpu-ms/change")
	b.ReportMetric(float64(moved), "moved")
}

// BenchmarkPartnersStanding asks for partners with ranks from searches and from standing lists.
func BenchmarkPartnersStanding(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, *syntheticDomain)
	s, err := m.Standing(context.Background(), RunOptions{})
	if err != nil {
		b.Fatal(err)
	}
	ids := m.ids()
	for name, ask := range map[string]func(string, int, Filter) ([]Pairing, error){"searched": m.Partners, "standing": s.Partners} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				if _, err := ask(ids[i%len(ids)], DefaultTop, Filter{}); err != nil {
					b.Fatal(err)
				}
				i += 997
			}
		})
	}
}

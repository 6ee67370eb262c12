package matching

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// difference is cmp.Diff, at the price of a plain comparison where there is none: results are large.
func difference(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func run(t testing.TB, m *Market, o RunOptions) Result {
	t.Helper()
	r, err := m.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every point of every shipped pair is some part's, no part is above its maximum, and coverages belong to the score.
func TestPartsSumToTheScore(t *testing.T) {
	m := shippedMarket(t)
	r := run(t, m, RunOptions{AllPairs: true})
	if len(r.Rows) != r.Reciprocal+r.OneSided || r.Reciprocal < 1000 {
		t.Errorf("%d rows: want %d reciprocal and %d one-sided", len(r.Rows), r.Reciprocal, r.OneSided)
	}
	for i := range r.Rows {
		p := &r.Rows[i]
		var sum int32
		for _, part := range p.Parts {
			sum += part.Points
			if part.Points < 0 || part.Points > part.MaxPoints {
				t.Errorf("%s: %s has %d of %d points", p.ID(), part.Kind, part.Points, part.MaxPoints)
			}
			if part.Kind == PartNeed && part.Relation != Exact {
				seeker, other := m.roster.find(part.Need.Firm), m.roster.find(p.First)
				if part.Side == First {
					other = m.roster.find(p.Second)
				}
				askable := seeker.needs[part.Need.Index].usable[other.class] != 0
				if better := part.MaxPoints > part.Points; better != askable {
					t.Errorf("%s: %s need with %d of %d points could be met better: %v", p.ID(), part.Relation, part.Points, part.MaxPoints, askable)
				}
			}
			if part.Kind == PartNeed && (part.Offer == nil) != (part.Relation == Unrelated) {
				t.Errorf("%s: need with relation %s and offer %v", p.ID(), part.Relation, part.Offer)
			}
		}
		if sum != p.Score || p.Score < 0 || p.Score > fullScore {
			t.Errorf("%s: parts sum to %d: want the score %d", p.ID(), sum, p.Score)
		}
		if (p.FirstCoverage > 0 && p.SecondCoverage > 0) != (p.Tier == Reciprocal) {
			t.Errorf("%s: coverages %d and %d, tier %s", p.ID(), p.FirstCoverage, p.SecondCoverage, p.Tier)
		}
		if len(p.Reasons) > 3 || p.PrimaryMode == 0 || p.Band == 0 || p.Gate == 0 {
			t.Errorf("%s: %d reasons, mode %d, band %d, gate %d", p.ID(), len(p.Reasons), p.PrimaryMode, p.Band, p.Gate)
		}
	}
	if !slices.IsSortedFunc(r.Rows, ComparePairings) {
		t.Error("rows are out of order")
	}
}

// One pair has one score and one explanation, whoever asks.
func TestExplainIsSymmetric(t *testing.T) {
	m := shippedMarket(t)
	for i := range 400 {
		a := m.firms(First)[i%len(m.firms(First))].id
		b := m.firms(Second)[(i*7)%len(m.firms(Second))].id
		one, err := m.Explain(a, b, 10)
		if err != nil {
			t.Fatal(err)
		}
		two, err := m.Explain(b, a, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(one, two); diff != "" {
			t.Fatalf("%s ~ %s depends on the order: %s", a, b, diff)
		}
	}
}

// A run depends on its market only: not on workers, not on the order in which organisations arrived, not on whether they
// came at once or by changes.
func TestRunIsDeterministic(t *testing.T) {
	profiles, w := shipped(t), CurrentWeights()
	rarity, facts := Count(catalog.Embedded(), w, profiles), seedFacts(t)
	build := func(profiles []Profile) *Market {
		m, err := NewMarket(catalog.Embedded(), w, rarity, facts, profiles)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want := run(t, build(profiles), RunOptions{})
	for _, workers := range []int{1, 2, 8} {
		if diff := difference(want, run(t, build(profiles), RunOptions{Workers: workers})); diff != "" {
			t.Errorf("%d workers give another result: %s", workers, diff)
		}
	}
	shuffled := slices.Clone(profiles)
	rand.New(rand.NewPCG(7, 7)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if diff := difference(want, run(t, build(shuffled), RunOptions{Workers: 2})); diff != "" {
		t.Errorf("another order of arrival gives another result: %s", diff)
	}
	grown := build(shuffled[:100])
	changed := slices.Clone(shuffled[100:])
	stray := Profile{ID: "stray", Name: "Stray", Status: Approved, Offers: shuffled[0].Offers, Needs: shuffled[1].Needs}
	grown, err := grown.With(append(changed, stray), nil)
	if err != nil {
		t.Fatal(err)
	}
	if grown, err = grown.With(nil, []string{"stray"}); err != nil {
		t.Fatal(err)
	}
	if diff := difference(want, run(t, grown, RunOptions{Workers: 2})); diff != "" {
		t.Errorf("changes lead to another result than a fresh start: %s", diff)
	}
}

// Live answers equal the rows of a run, ranks included.
func TestLiveAnswersEqualTheRun(t *testing.T) {
	m := shippedMarket(t)
	rows := map[string]Pairing{}
	for _, p := range run(t, m, RunOptions{Top: 5}).Rows {
		rows[p.ID()] = p
	}
	for i, f := range slices.Concat(m.firms(First), m.firms(Second)) {
		if i%6 != 0 {
			continue
		}
		live, err := m.Partners(f.id, 5, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range live {
			if diff := difference(rows[p.ID()], p); diff != "" {
				t.Fatalf("%s: live answer differs from the run: %s", p.ID(), diff)
			}
			e, err := m.Explain(p.Second, p.First, 5)
			if err != nil {
				t.Fatal(err)
			}
			if diff := difference(p, e.Pairing); diff != "" || !e.Proposed {
				t.Fatalf("%s: explanation differs from the list (proposed %v): %s", p.ID(), e.Proposed, diff)
			}
		}
	}
}

// Each list is the best of all eligible pairs in the one order, found here by sorting everything.
func TestListsAreTheBest(t *testing.T) {
	m := shippedMarket(t)
	all := run(t, m, RunOptions{AllPairs: true, Workers: 2}).Rows
	for _, id := range []string{"algoma-steel", "hanwha-ocean", "telesat", "agency-for-defense-development"} {
		var want []string
		for _, p := range all {
			if (p.First == id || p.Second == id) && len(want) < 10 {
				want = append(want, p.ID())
			}
		}
		live, err := m.Partners(id, 10, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range live {
			got = append(got, p.ID())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("list of %s: %s", id, diff)
		}
	}
}

// Facts change gates and routes, never a score.
func TestFactsNeverChangeAScore(t *testing.T) {
	m := shippedMarket(t)
	bare := m.WithFacts(Facts{AsOf: Date{2030, 1, 1}, Sides: shippedSides})
	want, got := run(t, m, RunOptions{}), run(t, bare, RunOptions{})
	if len(want.Rows) != len(got.Rows) {
		t.Fatalf("%d rows without facts: want %d", len(got.Rows), len(want.Rows))
	}
	for i := range got.Rows {
		if diff := difference(want.Rows[i].Parts, got.Rows[i].Parts); diff != "" || want.Rows[i].ID() != got.Rows[i].ID() {
			t.Fatalf("%s: parts depend on facts: %s", want.Rows[i].ID(), diff)
		}
		if len(got.Rows[i].Frameworks)+len(got.Rows[i].Programs) > 0 {
			t.Fatalf("%s: routes out of nowhere", got.Rows[i].ID())
		}
	}
}

// The order in which facts are listed is nobody's business.
func TestFactsMayComeInAnyOrder(t *testing.T) {
	m := shippedMarket(t)
	reversed := seedFacts(t)
	slices.Reverse(reversed.Frameworks)
	slices.Reverse(reversed.Programs)
	slices.Reverse(reversed.Venues)
	if diff := difference(run(t, m, RunOptions{}), run(t, m.WithFacts(reversed), RunOptions{})); diff != "" {
		t.Error(diff)
	}
}

// A decision about one organisation concerns all its pairs and nobody else's.
func TestDecisionsAboutOneOrganisation(t *testing.T) {
	m := shippedMarket(t)
	facts := seedFacts(t)
	facts.Holds = []Hold{{First: "hanwha-ocean", State: GateBlock, Reason: "list hit confirmed"}, {First: "telesat", State: GateHold, Reason: "list hit"}}
	before, after := run(t, m, RunOptions{AllPairs: true}), run(t, m.WithFacts(facts), RunOptions{AllPairs: true})
	held := 0
	for i := range after.Rows {
		p := &after.Rows[i]
		if p.Second == "hanwha-ocean" {
			t.Errorf("%s is blocked and listed", p.ID())
		}
		if (p.First == "telesat") != (p.Gate == GateHold) {
			t.Errorf("%s: gate %s", p.ID(), p.Gate)
		}
		if p.Gate == GateHold {
			held++
		}
	}
	if held == 0 || len(before.Rows) <= len(after.Rows) || before.EligiblePairs <= after.EligiblePairs {
		t.Errorf("%d held, %d rows after %d", held, len(after.Rows), len(before.Rows))
	}
}

// S92: without one programme, only the rows' mention of it is gone.
func TestOneProgrammeLessChangesNothingElse(t *testing.T) {
	m := shippedMarket(t)
	facts := seedFacts(t)
	facts.Programs = slices.DeleteFunc(facts.Programs, func(p Program) bool { return p.ID == "cpsp" })
	with, without := run(t, m, RunOptions{}), run(t, m.WithFacts(facts), RunOptions{})
	gone := 0
	for i := range with.Rows {
		p := with.Rows[i]
		before := len(p.Programs)
		p.Programs = slices.DeleteFunc(slices.Clone(p.Programs), func(u ProgramUse) bool { return u.ID == "cpsp" })
		gone += before - len(p.Programs)
		q := without.Rows[i]
		if before == CurrentWeights().maxPrograms {
			q.Programs = q.Programs[:min(len(q.Programs), len(p.Programs))] // the next in line moves up
		}
		if diff := cmp.Diff(p.Programs, q.Programs); diff != "" && len(p.Programs)+len(q.Programs) > 0 {
			t.Fatalf("%s: %s", p.ID(), diff)
		}
		p.Programs, q.Programs = nil, nil
		if diff := difference(p, q); diff != "" {
			t.Fatalf("%s: %s", p.ID(), diff)
		}
	}
	if gone == 0 {
		t.Error("no pairing mentioned the programme")
	}
}

func TestWithRarityEqualsAFreshStart(t *testing.T) {
	profiles, w := shipped(t), CurrentWeights()
	flat, err := NewMarket(catalog.Embedded(), w, Flat(), seedFacts(t), profiles)
	if err != nil {
		t.Fatal(err)
	}
	counted := shippedMarket(t)
	if diff := difference(run(t, counted, RunOptions{}), run(t, flat.WithRarity(counted.Rarity()), RunOptions{})); diff != "" {
		t.Error(diff)
	}
	if difference(run(t, counted, RunOptions{}).Rows[:1], run(t, flat, RunOptions{}).Rows[:1]) == "" {
		t.Error("rarity changes nothing")
	}
}

func TestRunReportsProgressAndStops(t *testing.T) {
	m := shippedMarket(t)
	var seen []int
	run(t, m, RunOptions{Workers: 4, Progress: func(done, total int) {
		if total != m.Len() {
			t.Errorf("total %d: want %d", total, m.Len())
		}
		seen = append(seen, done)
	}})
	if len(seen) != m.Len() || !slices.IsSorted(seen) || seen[len(seen)-1] != m.Len() {
		t.Errorf("progress %v", seen)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err := m.Run(ctx, RunOptions{Progress: func(done, _ int) {
		calls++
		if done == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || calls != 3 {
		t.Errorf("cancelled run: %v after %d organisations", err, calls)
	}
}

// Whoever stops listening gets no further pairing, and no more are explained than wait for their turn.
func TestExplainStops(t *testing.T) {
	m := shippedMarket(t)
	found, err := m.Rank(context.Background(), RunOptions{Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	for name, stop := range map[string]func(context.CancelFunc) error{
		"context": func(cancel context.CancelFunc) error { cancel(); return nil },
		"yield":   func(context.CancelFunc) error { return context.Canceled },
	} {
		ctx, cancel := context.WithCancel(context.Background())
		given := 0
		err := found.Explain(ctx, found.All(), func(i int, _ *Pairing) error {
			if given++; i == explained+2 {
				return stop(cancel)
			}
			return nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) || given != explained+3 || found.Len() < 3*explained {
			t.Errorf("%s: %v after %d of %d pairings, want it after %d", name, err, given, found.Len(), explained+3)
		}
	}
}

func TestRunOverNobody(t *testing.T) {
	m, err := NewMarket(catalog.Embedded(), CurrentWeights(), Flat(), seedFacts(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := run(t, m, RunOptions{Workers: 3, AllPairs: true}); len(r.Rows) != 0 || r.EligiblePairs != 0 {
		t.Errorf("result %+v", r)
	}
}

func TestFilters(t *testing.T) {
	m := shippedMarket(t)
	const id = "hanwha-ocean"
	everybody, err := m.Partners(id, MaxTop, Filter{})
	if err != nil {
		t.Fatal(err)
	}
	steel := code(t, "metals.steel")
	tests := []struct {
		name   string
		filter Filter
		admits func(p *Pairing, other Profile) bool
	}{
		{"within", Filter{Within: []catalog.Code{steel}}, func(_ *Pairing, other Profile) bool {
			return slices.ContainsFunc(other.Offers, func(o Offer) bool { return m.prep.cat.Within(o.Capability, steel) })
		}},
		{"region", Filter{Regions: []string{"CA-NS", "CA-BC"}}, func(_ *Pairing, other Profile) bool { return other.Region == "CA-NS" || other.Region == "CA-BC" }},
		{"kind", Filter{Kinds: []Kind{University}}, func(_ *Pairing, other Profile) bool { return other.Kind == University }},
		{"size", Filter{Sizes: []Size{Prime, Small}}, func(_ *Pairing, other Profile) bool { return other.Size == Prime || other.Size == Small }},
		{"mode", Filter{Modes: NewModeSet(CoSustainment)}, func(p *Pairing, _ Profile) bool { return p.PrimaryMode == CoSustainment }},
		{"gate", Filter{Gates: []GateState{GateClear}}, func(p *Pairing, _ Profile) bool { return p.Gate == GateClear }},
		{"tier and band", Filter{Tiers: []Tier{Reciprocal}, Bands: []Band{Strong}}, func(p *Pairing, _ Profile) bool { return p.Tier == Reciprocal && p.Band == Strong }},
		{"condition", Filter{Conditions: []string{"cpsp"}}, func(p *Pairing, _ Profile) bool {
			return slices.ContainsFunc(p.Programs, func(u ProgramUse) bool { return u.Condition == "cpsp" })
		}},
		{"framework", Filter{Frameworks: []string{"dmc-mou"}}, func(p *Pairing, _ Profile) bool {
			return slices.ContainsFunc(p.Frameworks, func(u FrameworkUse) bool { return u.ID == "dmc-mou" })
		}},
		{"theme", Filter{Themes: []string{"focus-steel"}}, func(p *Pairing, _ Profile) bool { return slices.Contains(p.Themes, "focus-steel") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var want, got []string
			for i := range everybody {
				p := &everybody[i]
				other, _ := m.Profile(p.First)
				if test.admits(p, other) {
					want = append(want, p.ID())
				}
			}
			found, err := m.Partners(id, MaxTop, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			for i := range found {
				got = append(got, found[i].ID())
			}
			if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 || len(want) == len(everybody) {
				t.Errorf("%d of %d: %s", len(want), len(everybody), diff)
			}
			const top = 3
			few, err := m.Partners(id, top, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			for i := range few {
				rank := int32(1 + slices.IndexFunc(everybody, func(p Pairing) bool { return p.ID() == few[i].ID() }))
				if rank > top {
					rank = 0
				}
				if few[i].SecondRank != rank || len(few) > top {
					t.Errorf("%s has rank %d among %d: want %d, that of the list without a filter", few[i].ID(), few[i].SecondRank, len(few), rank)
				}
			}
		})
	}
}

func TestMistakesAreNamed(t *testing.T) {
	good := Profile{ID: "a", Status: Approved}
	far := catalog.Code(catalog.Embedded().Len())
	tests := []struct {
		profiles []Profile
		want     string
	}{
		{[]Profile{good, good}, `profile "a" stands twice`},
		{[]Profile{{Name: "Nameless"}}, `profile "Nameless" has no id`},
		{[]Profile{{ID: "b", Side: 2}}, "b: side 2 is unknown: want 0 or 1"},
		{[]Profile{{ID: "b", Offers: []Offer{{Capability: far}}}}, fmt.Sprintf("b: offers[0]: capability %d is not in the catalogue", far)},
		{[]Profile{{ID: "b", Needs: []Need{{}, {Capability: far}}}}, fmt.Sprintf("b: needs[1]: capability %d is not in the catalogue", far)},
		{[]Profile{{ID: "b", Offers: []Offer{{TRL: 10}}}}, "b: offers[0]: trl 10: want 1 to 9, or 0 for not stated"},
		{[]Profile{{ID: "b", Needs: make([]Need, MaxNeeds+1)}}, "b: 41 needs: at most 40"},
		{[]Profile{{ID: "b", Offers: make([]Offer, MaxOffers+1)}}, "b: 41 offers: at most 40"},
	}
	for _, test := range tests {
		if _, err := NewMarket(catalog.Embedded(), CurrentWeights(), Flat(), Facts{}, test.profiles); err == nil || err.Error() != test.want {
			t.Errorf("got %v: want %q", err, test.want)
		}
	}
	m := shippedMarket(t)
	if _, err := m.Partners("nobody", 3, Filter{}); !errors.Is(err, ErrNotFound) || !strings.HasPrefix(err.Error(), "nobody: ") {
		t.Errorf("Partners: %v", err)
	}
	for _, pair := range [][2]string{{"algoma-steel", "nobody"}, {"nobody", "algoma-steel"}} {
		if _, err := m.Explain(pair[0], pair[1], 3); !errors.Is(err, ErrNotFound) {
			t.Errorf("Explain: %v", err)
		}
	}
	if _, err := m.Explain("algoma-steel", "algoma-steel", 3); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("Explain with itself: %v", err)
	}
	if _, err := m.With([]Profile{good, good}, nil); err == nil {
		t.Error("With accepts two of the same id")
	}
}

func TestNames(t *testing.T) {
	m := shippedMarket(t)
	for id, want := range map[string]catalog.Text{
		"hanwha-ocean": {"Hanwha Ocean", "Hanwha Ocean", "한화오션"},
		"telesat":      {"Telesat", "Télésat", "Telesat"},
		"algoma-steel": {"Algoma Steel", "Algoma Steel", "Algoma Steel"},
	} {
		if got, ok := m.FirmName(id); !ok || got != want {
			t.Errorf("%s is %v, %v: want %v", id, got, ok, want)
		}
	}
}

// The spread that a reader of the reports relies on: bands are absolute, so a change of weights must not flatten scores or
// lift them all.
func TestScoresOfShippedPairsSpread(t *testing.T) {
	r := run(t, shippedMarket(t), RunOptions{AllPairs: true, Workers: 2})
	var scores []int32
	bands := map[Band]int{}
	for _, p := range r.Rows {
		if p.Tier == Reciprocal {
			scores = append(scores, p.Score)
			bands[p.Band]++
		}
	}
	slices.Sort(scores)
	n := len(scores)
	if share := 100 * n / r.EligiblePairs; share < 22 || share > 45 {
		t.Errorf("%d per cent of pairs are reciprocal", share)
	}
	for _, test := range []struct {
		name      string
		got       int32
		low, high int32
	}{{"5th percentile", scores[n/20], 800, 1500}, {"median", scores[n/2], 2000, 3200}, {"95th percentile", scores[n*19/20], 5800, 7200}, {"best", scores[n-1], 7200, 9500}} {
		if test.got < test.low || test.got > test.high {
			t.Errorf("%s is %d: want %d to %d", test.name, test.got, test.low, test.high)
		}
	}
	if bands[Strong]*20 < n || bands[Good]*20 < n || bands[Possible]*20 < n {
		t.Errorf("bands %v: want a part in each", bands)
	}
}

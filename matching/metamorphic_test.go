package matching

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// scoreOnly is what of a pairing must survive a change that does not concern it.
type scoreOnly struct {
	Tier  Tier
	Score int32
}

func scores(t testing.TB, profiles []Profile, name func(string) string) map[string]scoreOnly {
	t.Helper()
	w := CurrentWeights()
	m, err := NewMarket(catalog.Embedded(), w, Count(catalog.Embedded(), w, profiles), seedFacts(t), profiles)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]scoreOnly{}
	for _, p := range run(t, m, RunOptions{AllPairs: true, Workers: 2}).Rows {
		pair := []string{name(p.First), name(p.Second)}
		slices.Sort(pair)
		found[strings.Join(pair, "~")] = scoreOnly{p.Tier, p.Score}
	}
	return found
}

func same(id string) string { return id }

// Which side comes first is a convention: the other way round every score stays.
func TestSwappingSidesChangesNoScore(t *testing.T) {
	for _, profiles := range [][]Profile{shipped(t), randomProfiles(5, 120)} {
		swapped := slices.Clone(profiles)
		for i := range swapped {
			swapped[i].Side = swapped[i].Side.Other()
		}
		if diff := difference(scores(t, profiles, same), scores(t, swapped, same)); diff != "" {
			t.Error(diff)
		}
	}
}

// Names and ids say nothing about a pair.
func TestRelabellingChangesNoScore(t *testing.T) {
	profiles := shipped(t)
	relabelled := slices.Clone(profiles)
	back := map[string]string{}
	for i := range relabelled {
		id := fmt.Sprintf("f-%03d", (i*89)%len(relabelled))
		back[id] = relabelled[i].ID
		relabelled[i].ID, relabelled[i].Name, relabelled[i].NativeName = id, "Organisation "+id, ""
	}
	if diff := difference(scores(t, profiles, same), scores(t, relabelled, func(id string) string { return back[id] })); diff != "" {
		t.Error(diff)
	}
}

// An offer that a firm's better offer of the same capability dominates changes nothing.
func TestDominatedOfferChangesNothing(t *testing.T) {
	profiles := shipped(t)
	more := slices.Clone(profiles)
	for i := range more {
		if len(more[i].Offers) == 0 {
			continue
		}
		best := more[i].Offers[i%len(more[i].Offers)]
		more[i].Offers = append(slices.Clone(more[i].Offers), Offer{Capability: best.Capability, Level: Secondary, Modes: best.Modes})
	}
	if diff := difference(scores(t, profiles, same), scores(t, more, same)); diff != "" {
		t.Error(diff)
	}
}

// A further need that nobody answers takes nothing away, and a further need that is answered adds.
func TestFurtherNeedsNeverHurt(t *testing.T) {
	m := shippedMarket(t)
	for i, first := range m.firms(First) {
		second := m.firms(Second)[(i*13)%len(m.firms(Second))]
		if m.blocked(first, second) != NoCause {
			continue
		}
		before := m.prep.coverages(first, second)
		richer := first.read()
		richer.Needs = append(slices.Clone(richer.Needs), Need{Capability: second.offers[0].code, Priority: High})
		after := m.prep.coverages(m.prep.prepare(richer), second)
		if after.first <= before.first || after.second != before.second {
			t.Errorf("%s ~ %s: coverages %d and %d become %d and %d", first.id, second.id, before.first, before.second, after.first, after.second)
		}
	}
}

// What nobody stated must not weigh against anybody: a stated high readiness is at least as good as none, and a proven
// technology at least as good as an early one.
func TestStrengthIsMonotone(t *testing.T) {
	p := newPreparer(catalog.Embedded(), CurrentWeights(), Flat())
	last := 0
	for _, trl := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9} {
		profile := Profile{Offers: []Offer{{Level: Core, TRL: trl}, {Level: Secondary, TRL: trl}}}
		core, secondary := int(p.prepareOffer(&profile, 0).strength), int(p.prepareOffer(&profile, 1).strength)
		if core < last || secondary >= core || 2*secondary < core {
			t.Errorf("trl %d: core %d after %d, secondary %d", trl, core, last, secondary)
		}
		last = core
	}
}

func TestAffinityTable(t *testing.T) {
	cat := catalog.Embedded()
	w := CurrentWeights()
	a := newAffinities(cat, w)
	for c := range catalog.Code(cat.Len()) {
		for d := range catalog.Code(cat.Len()) {
			value, relation := a.of(c, d), a.relation[a.at(c, d)]
			back := a.relation[a.at(d, c)]
			switch {
			case c == d && (value != 255 || relation != Exact):
				t.Errorf("%v to itself is %d, %s", cat.Capability(c).Code, value, relation)
			case c != d && value >= w.exact:
				t.Errorf("%v to %v is %d: as good as the same", cat.Capability(c).Code, cat.Capability(d).Code, value)
			case (value == 0) != (relation == Unrelated), (value == 0) != (a.of(d, c) == 0):
				t.Errorf("%v to %v is %d, %s; back %s", cat.Capability(c).Code, cat.Capability(d).Code, value, relation, back)
			case (relation == Adjacent || relation == SecondHop) && (value != a.of(d, c) || relation != back):
				t.Errorf("edge %v, %v is %d one way and %d the other", cat.Capability(c).Code, cat.Capability(d).Code, value, a.of(d, c))
			}
		}
	}
}

// split gives everything away, within one point of the exact share, and never more to the smaller.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.Int32Range(0, fullScore).Draw(t, "points")
		weights := rapid.SliceOfN(rapid.Uint64Range(0, MaxNeeds*255*255), 1, 12).Draw(t, "weights")
		shares := split(points, weights)
		var sum int32
		var total uint64
		for i := range weights {
			sum += shares[i]
			total += weights[i]
		}
		if total == 0 {
			if sum != 0 {
				t.Fatalf("%v out of nothing", shares)
			}
			return
		}
		if sum != points {
			t.Fatalf("%v sum to %d: want %d", shares, sum, points)
		}
		for i, w := range weights {
			exact := uint64(points) * w / total
			if uint64(shares[i]) != exact && uint64(shares[i]) != exact+1 {
				t.Fatalf("share %d is %d: want %d or one more", i, shares[i], exact)
			}
			for j, v := range weights {
				if w > v && shares[i] < shares[j] {
					t.Fatalf("%v for %v: the smaller gets more", shares, weights)
				}
			}
		}
	})
}

func TestIsqrt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, fullCoverage*fullCoverage).Draw(t, "n")
		if r := isqrt(n); r*r > n || (r+1)*(r+1) <= n {
			t.Fatalf("isqrt(%d) = %d", n, r)
		}
	})
}

// phi rises, bends, and stays in its range however many needs are met.
func TestPhi(t *testing.T) {
	w := CurrentWeights()
	const step = 20000
	for raw := uint32(step); raw <= MaxNeeds*255*255-step; raw += step {
		before, at, after := w.phi(raw-step), w.phi(raw), w.phi(raw+step)
		if at <= before || after-at > at-before+1 || after > fullCoverage {
			t.Errorf("phi of %d, %d, %d is %d, %d, %d", raw-step, raw, raw+step, before, at, after)
		}
	}
	if got := w.phi(uint32(w.halfway)); got != isqrt(fullCoverage*fullCoverage/2) {
		t.Errorf("half-way is %d", got)
	}
}

// FuzzText holds the reader of free text to what the score rests on: the same words in any order of pieces, no panic, and
// every mention a capability.
func FuzzText(f *testing.F) {
	for _, s := range []string{"예인선배열소나 및 신호처리를 위한", "réseau remorqué; cœur", "HY-80/HY100 plates", "\xff\xfe", "ㅏㅏ ㄱ", "x"} {
		f.Add(s, "towed array")
	}
	lex := newLexicon(catalog.Embedded(), CurrentWeights())
	f.Fuzz(func(t *testing.T, a, b string) {
		one, two := lex.read(a, b), lex.read(b, a)
		slices.Sort(one.all)
		slices.Sort(two.all)
		if !slices.Equal(one.all, two.all) || len(one.words) != len(two.words) {
			t.Errorf("%q and %q read differently in another order", a, b)
		}
		for _, word := range one.words {
			if code, ok := strings.CutPrefix(word.word, "#"); ok {
				if _, known := catalog.Embedded().Lookup(code); !known {
					t.Errorf("%q mentions %q", a, code)
				}
			}
		}
	})
}

package matching

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

var (
	markets     = flag.Int("markets", 60, "how many random markets the exactness test goes through")
	firstMarket = flag.Uint64("first", 0, "the seed of the first")
)

// trial is a market and what it should be: the profiles that it has after all changes.
type trial struct {
	t        testing.TB
	r        *rand.Rand
	m        *Market
	kind     int
	codes    []catalog.Code
	profiles map[string]Profile
	serial   int
	prepared map[string]*firm // by id, as the plain scorer sees it
	plain    *plain           // of the market as it is; nil after a change
}

// kinds of markets, from the ordinary to the hostile.
const (
	ordinary    = iota
	clustered   // few capabilities: everybody answers somebody
	allEqual    // everybody offers and needs the same
	allZero     // nobody needs anything, or nobody offers anything
	mostAllowed // as many needs and offers as a profile may have
	fussy       // needs that few offers can serve, kinds that may do little
	kindCount
)

// basePreparer is made once: tables of the catalogue are the same in every market.
var basePreparer = sync.OnceValue(func() *preparer { return newPreparer(catalog.Embedded(), CurrentWeights(), Flat()) })

// facts of trials are made once, too.
var trialFacts = sync.OnceValue(func() Facts {
	return must(SeedFacts(catalog.Embedded(), shippedSides, "sdcp", Date{2026, 4, 1}))
})

func newTrial(t testing.TB, seed uint64, most int) *trial {
	r := rand.New(rand.NewPCG(seed, 99))
	x := &trial{t: t, r: r, kind: r.IntN(kindCount), profiles: map[string]Profile{}, prepared: map[string]*firm{}}
	all := catalog.Embedded().Len()
	n := all
	if x.kind != ordinary {
		n = 1 + r.IntN(12)
	}
	first := r.IntN(all)
	for i := range n {
		x.codes = append(x.codes, catalog.Code((first+i)%all))
	}
	prep := *basePreparer()
	prep.layout.rows, prep.layout.fresh = 64<<r.IntN(4), 1<<r.IntN(7)
	if r.IntN(3) == 0 {
		prep.layout = defaultLayout(prep.answering)
	}
	if x.kind == mostAllowed {
		most = min(most, 40)
	}
	size := 1 + r.IntN(most)
	for range size {
		p := x.profile()
		x.profiles[p.ID] = p
	}
	if r.IntN(2) == 0 {
		prep.rarity = Count(prep.cat, prep.weights, x.sorted())
		prep.heaviest = prep.heaviestNeeds()
	}
	x.m = &Market{prep: &prep, facts: trialFacts()}
	var firms []*firm
	for _, i := range r.Perm(size) {
		firms = append(firms, prep.prepare(x.sorted()[i]))
	}
	x.m.lay(firms)
	return x
}

func (x *trial) sorted() []Profile {
	var profiles []Profile
	for _, id := range slices.Sorted(mapKeys(x.profiles)) {
		profiles = append(profiles, x.profiles[id])
	}
	return profiles
}

func mapKeys(m map[string]Profile) func(func(string) bool) {
	return func(yield func(string) bool) {
		for id := range m {
			if !yield(id) {
				return
			}
		}
	}
}

func (x *trial) code() catalog.Code { return x.codes[x.r.IntN(len(x.codes))] }

func (x *trial) words() Words {
	if x.r.IntN(3) > 0 {
		return Words{}
	}
	all := []string{"sonar", "arctic hull", "niobium", "turbine blade", "gun barrel forging", "소나", "réseau remorqué"}
	return Words{EN: all[x.r.IntN(len(all))] + " " + all[x.r.IntN(len(all))]}
}

// profile invents an organisation of the trial's kind of market.
func (x *trial) profile() Profile {
	r := x.r
	x.serial++
	p := Profile{
		ID: fmt.Sprintf("f%d-%d", r.IntN(10), x.serial), Side: Side(r.IntN(2)), Status: Approved, Region: []string{"", "CA-NS", "KR-26"}[r.IntN(3)],
		Kind: Kind(r.IntN(2)), Size: Size(r.IntN(6)),
	}
	offers, needs := r.IntN(7), r.IntN(7)
	switch x.kind {
	case mostAllowed:
		offers, needs = MaxOffers-r.IntN(3), MaxNeeds-r.IntN(3)
	case allZero:
		offers, needs = offers*r.IntN(2), 0
		if r.IntN(2) == 0 {
			offers, needs = 0, 2*r.IntN(2)
		}
	case allEqual:
		offers, needs = 3, 3
	case fussy:
		p.Kind = Kind(1 + r.IntN(4))
		p.Modes = x.modes(3)
	}
	for i := range offers {
		o := Offer{Capability: x.code(), Detail: x.words()}
		if x.kind == allEqual {
			o = Offer{Capability: x.codes[i%len(x.codes)]}
		} else if r.IntN(2) == 0 {
			o.Level, o.TRL, o.Modes = Level(r.IntN(3)), r.IntN(10), x.modes(2)
		}
		if x.kind == fussy && r.IntN(2) == 0 {
			o.Capacity = new(int32)
			o.Material = Material{Grade: []string{"", "HY-80", "316L"}[r.IntN(3)]}
		}
		p.Offers = append(p.Offers, o)
	}
	for i := range needs {
		n := Need{Capability: x.code(), Detail: x.words()}
		switch x.kind {
		case allEqual:
			n = Need{Capability: x.codes[i%len(x.codes)]}
		case fussy:
			n.Modes = []ModeSet{0, NewModeSet(TechTransfer), NewModeSet(CoProduction), NewModeSet(TechTransfer, CoProduction), x.modes(2)}[r.IntN(5)]
			n.Material = Material{Grade: []string{"", "HY 80"}[r.IntN(2)]}
			fallthrough
		default:
			n.Priority, n.Aim = Priority(r.IntN(4)), Aim(r.IntN(4))
		}
		p.Needs = append(p.Needs, n)
	}
	if x.kind != allEqual {
		p.Summary = x.words()
		if r.IntN(4) == 0 {
			p.Programs = []string{"cpsp"}
		}
		if r.IntN(12) == 0 {
			p.Status = Status(r.IntN(4))
		}
		if r.IntN(15) == 0 {
			p.Missing = []string{"needs"}
		}
		if r.IntN(8) == 0 {
			p.Exclusions = []string{x.anybody()}
		}
	}
	return p
}

func (x *trial) modes(n int) ModeSet {
	var s ModeSet
	for range x.r.IntN(n + 1) {
		s = s.With(Mode(1 + x.r.IntN(modeCount)))
	}
	return s
}

func (x *trial) anybody() string {
	ids := slices.Sorted(mapKeys(x.profiles))
	if len(ids) == 0 || x.r.IntN(20) == 0 {
		return "nobody"
	}
	return ids[x.r.IntN(len(ids))]
}

// change does something that no answer may take amiss.
func (x *trial) change() {
	r := x.r
	x.plain = nil
	switch r.IntN(5) {
	case 0:
		x.m = x.m.Sealed()
	case 1:
		facts := x.m.facts
		facts.Holds = []Hold{{First: x.anybody(), State: GateBlock}, {First: x.anybody(), Second: x.anybody(), State: GateBlock}, {First: x.anybody(), State: GateHold}}
		x.m = x.m.WithFacts(facts)
	default:
		var changed []Profile
		var removed []string
		seen := map[string]bool{}
		for range 1 + r.IntN(9)*r.IntN(9) {
			p := x.profile()
			if r.IntN(2) == 0 {
				p.ID = x.anybody()
			}
			if p.ID != "nobody" && !seen[p.ID] {
				seen[p.ID] = true
				changed = append(changed, p)
			}
		}
		for range r.IntN(6) {
			if id := x.anybody(); !seen[id] {
				removed = append(removed, id)
			}
		}
		x.write(changed, removed)
	}
}

// write changes some organisations and removes others.
func (x *trial) write(changed []Profile, removed []string) {
	x.plain = nil
	before := x.m
	size := before.Len()
	x.m = must(x.m.With(changed, removed))
	if before.Len() != size {
		x.t.Fatal("a write changed a market that somebody holds")
	}
	for _, id := range removed {
		delete(x.profiles, id)
		delete(x.prepared, id)
	}
	for _, p := range changed {
		x.profiles[p.ID] = p
		delete(x.prepared, p.ID)
	}
}

// oracle is the plain scorer of the market as it is.
func (x *trial) oracle() *plain {
	if x.plain == nil {
		for id, p := range x.profiles {
			if x.prepared[id] == nil {
				x.prepared[id] = x.m.prep.prepare(p)
			}
		}
		x.plain = newPlain(x.m, x.prepared)
	}
	return x.plain
}

// check holds every list, every count and some filtered answers against the plain scorer.
func (x *trial) check(top, workers int) {
	x.t.Helper()
	m := x.m
	want := x.oracle()
	if m.Len() != len(x.profiles) {
		x.t.Fatalf("%d organisations: want %d", m.Len(), len(x.profiles))
	}
	got := map[string][]place{}
	work := m.newBatch(RunOptions{Top: top, Workers: workers})
	for side := range m.sides {
		if err := work.lists(context.Background(), m, Side(side), func(f *firm, list []place) { got[f.id] = list }); err != nil {
			x.t.Fatal(err)
		}
	}
	if counts := want.counts(); counts != work.totals {
		x.t.Fatalf("totals %+v: want %+v", work.totals, counts)
	}
	for side := range want.sides {
		for _, f := range want.sides[side] {
			all := want.list(f)
			list := got[f.id]
			x.same(f, all[:min(top, len(all))], list)
			if x.r.IntN(8) == 0 {
				x.same(f, all[:min(top, len(all))], m.list(m.roster.find(f.id), top))
			}
		}
	}
}

func (x *trial) same(f *firm, want, got []place) {
	x.t.Helper()
	ok := len(want) == len(got)
	for i := range want {
		ok = ok && want[i].tier == got[i].tier && want[i].score == got[i].score && want[i].firm.id == got[i].firm.id
	}
	if !ok {
		x.t.Fatalf("kind %d, %d organisations: list of %s differs:\n%s\nwant\n%s", x.kind, x.m.Len(), f.id, listing(got), listing(want))
	}
}

func listing(places []place) (s string) {
	for _, p := range places {
		s += fmt.Sprintf("%s %d %s\n", p.tier, p.score, p.firm.id)
	}
	return s
}

// filtered holds an answer to a filter against the plain scorer, ranks included.
func (x *trial) filtered(top int) {
	id := x.anybody()
	if id == "nobody" {
		return
	}
	filter := x.filter()
	want := x.oracle()
	of := map[string]*firm{}
	for _, f := range slices.Concat(want.sides[:]...) {
		of[f.id] = f
	}
	rank := func(f, counterpart *firm) int32 {
		at := slices.IndexFunc(want.list(f), func(p place) bool { return p.firm == counterpart })
		if at >= top {
			return 0
		}
		return int32(at + 1)
	}
	var lines, found []string
	for _, p := range want.list(of[id]) {
		pairing := x.m.explainPair(of[id], p.firm)
		if len(lines) < top && filter.admitsFirm(x.m, p.firm) && filter.admitsPairing(&pairing) {
			pairing.setRanks(of[id].side, rank(of[id], p.firm), rank(p.firm, of[id]))
			lines = append(lines, fmt.Sprintf("%s %s %d %d %d", pairing.ID(), pairing.Tier, pairing.Score, pairing.FirstRank, pairing.SecondRank))
		}
	}
	for _, p := range must(x.m.Partners(id, top, filter)) {
		found = append(found, fmt.Sprintf("%s %s %d %d %d", p.ID(), p.Tier, p.Score, p.FirstRank, p.SecondRank))
	}
	if !slices.Equal(lines, found) {
		x.t.Fatalf("kind %d: %d partners of %s through %+v:\n%q\nwant\n%q", x.kind, top, id, filter, found, lines)
	}
}

// filter invents a filter; one in four admits everything.
func (x *trial) filter() (f Filter) {
	r := x.r
	for range r.IntN(4) {
		switch r.IntN(8) {
		case 0:
			f.Within = append(f.Within, x.code())
		case 1:
			f.Regions = []string{"CA-NS", ""}
		case 2:
			f.Kinds = append(f.Kinds, Kind(r.IntN(5)))
		case 3:
			f.Sizes = []Size{Size(r.IntN(6)), Size(r.IntN(6))}
		case 4:
			f.FirmPrograms = []string{"cpsp"}
		case 5:
			f.Modes = x.modes(6)
		case 6:
			f.Tiers = []Tier{Tier(1 + r.IntN(2))}
		case 7:
			f.Bands = []Band{Band(1 + r.IntN(3))}
		}
	}
	return f
}

// checkTrial is one market's life: built, changed, sealed, asked.
func checkTrial(t testing.TB, seed uint64, most int) {
	x := newTrial(t, seed, most)
	for range 1 + x.r.IntN(3) {
		top := [...]int{1, 2, 3, 10, 40, MaxTop}[x.r.IntN(6)]
		x.check(top, 1+x.r.IntN(8))
		x.filtered(1 + x.r.IntN(12))
		for range 1 + x.r.IntN(4) {
			x.change()
		}
	}
	x.check(1+x.r.IntN(20), 1+x.r.IntN(8))
}

// Every list equals the plain scorer's, whatever the market, its past, its layout in memory and the number of workers.
func TestExact(t *testing.T) {
	everyMarket(t, checkTrial)
}

// everyMarket goes through as many random markets as the flags say, some of them larger.
func everyMarket(t *testing.T, check func(t testing.TB, seed uint64, most int)) {
	for seed := *firstMarket; seed < *firstMarket+uint64(*markets); seed++ {
		most := 60
		if seed%10 == 0 {
			most = 400
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { check(t, seed, most) })
	}
}

func FuzzExact(f *testing.F) {
	for seed := range uint64(6) {
		f.Add(seed, uint8(30))
	}
	f.Fuzz(func(t *testing.T, seed uint64, most uint8) { checkTrial(t, seed, 1+int(most)) })
}

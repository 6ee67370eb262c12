package matching

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edit changes so few organisations that standing lists follow instead of being computed anew.
func (x *trial) edit() {
	var changed []Profile
	var removed []string
	switch id := x.anybody(); {
	case x.r.IntN(4) == 0:
		changed = append(changed, x.profile())
	case id == "nobody":
	case x.r.IntN(3) == 0:
		removed = append(removed, id)
	default:
		p := x.profile()
		if x.r.IntN(3) == 0 { // a small change
			p = x.profiles[id]
			p.Needs = slices.Clone(p.Needs[:len(p.Needs)/2])
		}
		p.ID = id
		changed = append(changed, p)
	}
	x.write(changed, removed)
}

// listsOf are the lists of everybody, searched for one by one.
func listsOf(m *Market, top int) map[string][]Place {
	lists := map[string][]Place{}
	for _, id := range m.ids() {
		if places := must(m.Places(id, top)); len(places) > 0 {
			lists[id] = places
		}
	}
	return lists
}

// standingLists are what standing lists say.
func standingLists(s *Standing) map[string][]Place {
	lists := map[string][]Place{}
	for _, id := range s.Market().ids() {
		if places := s.Places(id); len(places) > 0 {
			lists[id] = places
		}
	}
	return lists
}

// checkStanding follows a market through its life and holds every standing list against one that is searched for.
func checkStanding(t testing.TB, seed uint64, most int) {
	x := newTrial(t, seed, most)
	top := 1 + x.r.IntN(25)
	s := must(x.m.Standing(context.Background(), RunOptions{Top: top, Workers: 1 + x.r.IntN(8)}))
	before := listsOf(x.m, top)
	if diff := cmp.Diff(before, standingLists(s)); diff != "" {
		t.Fatal(diff)
	}
	for step := range 2 + x.r.IntN(12) {
		for range 1 + x.r.IntN(2) {
			switch x.r.IntN(6) {
			case 0, 1:
				x.change()
			case 2:
				x.m = x.m.Sealed()
			default:
				x.edit()
			}
		}
		if x.r.IntN(30) == 0 {
			x.m = x.m.WithRarity(Count(x.m.prep.cat, x.m.prep.weights, x.sorted()))
		}
		next, moved, err := s.With(context.Background(), x.m)
		if err != nil {
			t.Fatal(err)
		}
		after := listsOf(x.m, top)
		if diff := cmp.Diff(after, standingLists(next)); diff != "" {
			t.Fatalf("step %d of kind %d, %d organisations, lists of %d (-want +got):\n%s", step, x.kind, x.m.Len(), top, diff)
		}
		if want := movedBetween(before, after); !slices.Equal(want, moved) {
			t.Fatalf("step %d: moved %q: want %q", step, moved, want)
		}
		if step == 0 && cmp.Diff(before, standingLists(s)) != "" {
			t.Fatal("following a market changed lists that somebody holds")
		}
		x.standingPartners(next)
		s, before = next, after
	}
}

// movedBetween compares lists by brute force.
func movedBetween(before, after map[string][]Place) (moved []string) {
	for _, id := range slices.Sorted(func(yield func(string) bool) {
		for id := range before {
			yield(id)
		}
		for id := range after {
			if before[id] == nil {
				yield(id)
			}
		}
	}) {
		if !slices.Equal(before[id], after[id]) {
			moved = append(moved, id)
		}
	}
	return moved
}

// standingPartners holds an answer from standing lists against one from searches, ranks included.
func (x *trial) standingPartners(s *Standing) {
	id := x.anybody()
	if id == "nobody" {
		return
	}
	top, filter := 1+x.r.IntN(s.Top()+2), x.filter()
	want, got := must(x.m.Partners(id, top, filter)), must(s.Partners(id, top, filter))
	if diff := cmp.Diff(want, got); diff != "" {
		x.t.Fatal(diff)
	}
}

// Standing lists that follow a market are those that are computed anew, and they tell whose list became another.
func TestStanding(t *testing.T) {
	everyMarket(t, checkStanding)
}

func FuzzStanding(f *testing.F) {
	for seed := range uint64(6) {
		f.Add(seed, uint8(30))
	}
	f.Fuzz(func(t *testing.T, seed uint64, most uint8) { checkStanding(t, seed, 1+int(most)) })
}

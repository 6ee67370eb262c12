package matching

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestListsAreThoseOfRunAndPartners holds the three ways to a list against each other.
func TestListsAreThoseOfRunAndPartners(t *testing.T) {
	m := randomMarket(t, 5, 120)
	const top = 7
	lists := map[string][]Place{}
	totals, err := m.Lists(context.Background(), RunOptions{Top: top, Workers: 2}, func(id string, list []Place) {
		if _, twice := lists[id]; twice {
			t.Errorf("%s is shown twice", id)
		}
		lists[id] = list
	})
	if err != nil {
		t.Fatal(err)
	}
	run, err := m.Run(context.Background(), RunOptions{Top: top})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run.Totals, totals); diff != "" {
		t.Errorf("totals differ from those of a run:\n%s", diff)
	}
	if len(lists) != m.Len() {
		t.Errorf("%d lists of %d organisations", len(lists), m.Len())
	}
	for id, list := range lists {
		partners, err := m.Partners(id, top, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		var want []Place
		for _, p := range partners {
			other := p.First
			if other == id {
				other = p.Second
			}
			want = append(want, Place{other, p.Tier, p.Score})
		}
		alone, err := m.Places(id, top)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range [][]Place{list, alone} {
			if len(got)+len(want) > 0 && !cmp.Equal(got, want) {
				t.Errorf("%s:\n%s", id, cmp.Diff(want, got))
			}
		}
	}
	if _, err := m.Places("nobody", top); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody's list: %v, want ErrNotFound", err)
	}
}

// TestRankIsThePlaceInTheList holds the search for a place against the lists themselves, for pairs far down and for those that do
// not pair too.
func TestRankIsThePlaceInTheList(t *testing.T) {
	for seed, size := range []int{1, 7, 40, 160, 300} {
		m := randomMarket(t, uint64(seed), size)
		w := newScratch()
		for _, top := range []int{1, 3, 10, 1000} {
			for _, f := range m.firms(First) {
				places := map[*firm]int32{}
				for i, p := range m.list(f, top) {
					places[p.firm] = int32(i + 1)
				}
				for _, other := range m.firms(Second) {
					if got, want := m.rank(f, other, top, w), places[other]; got != want {
						t.Fatalf("market %d: %s is at place %d of the %d of %s, want %d", seed, other.profile.ID, got, top, f.profile.ID, want)
					}
				}
			}
		}
	}
}

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
						t.Fatalf("market %d: %s is at place %d of the %d of %s, want %d", seed, other.id, got, top, f.id, want)
					}
				}
			}
		}
	}
}

// TestListsOfSome proves that the lists of some are those of everybody, and that no bound passes more than the one before it.
func TestListsOfSome(t *testing.T) {
	m := randomMarket(t, 6, 150)
	all := map[string][]Place{}
	if _, err := m.Lists(context.Background(), RunOptions{}, func(id string, list []Place) { all[id] = list }); err != nil {
		t.Fatal(err)
	}
	ids := []string{"firm-00007", "firm-00008", "firm-00101"}
	some := map[string][]Place{}
	b, err := m.ListsOf(context.Background(), ids, RunOptions{}, func(id string, list []Place) { some[id] = list })
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if diff := cmp.Diff(all[id], some[id]); diff != "" || len(some) != len(ids) {
			t.Errorf("%s, one of %d (-of everybody +of some):\n%s", id, len(some), diff)
		}
	}
	if b.Pairs < b.Gates || b.Gates < b.Found || b.Found < b.Given || b.Text < b.Scored || b.Scored < 1 {
		t.Errorf("bounds pass more than those before them: %+v", b)
	}
	if _, err := m.ListsOf(context.Background(), []string{"nobody"}, RunOptions{}, nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody's list: %v, want ErrNotFound", err)
	}
}

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

package scorecard

import (
	"strings"
	"testing"
)

func allCases(t *testing.T) []Case {
	t.Helper()
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestCasesAreManyAndGraded(t *testing.T) {
	domains, grades := map[string]map[Grade]int{}, map[Grade]int{}
	seen := map[[2]string]bool{}
	for i, c := range allCases(t) {
		if domains[c.Domain] == nil {
			domains[c.Domain] = map[Grade]int{}
		}
		domains[c.Domain][c.Grade]++
		grades[c.Grade]++
		if pair := [2]string{c.Seeker, c.Counterpart}; seen[pair] {
			t.Errorf("cases.csv:%d: %s is judged for %s twice", i+2, c.Counterpart, c.Seeker)
		} else {
			seen[pair] = true
		}
		if len(c.Reason) < 10 || !strings.HasSuffix(c.Reason, ".") {
			t.Errorf("cases.csv:%d: reason %q: want a sentence", i+2, c.Reason)
		}
	}
	if len(seen) < 200 || len(domains) < 14 {
		t.Errorf("got %d cases in %d domains: want 200 in 14 at least", len(seen), len(domains))
	}
	for name, d := range domains {
		if d[Strong] < 5 || d[Possible] < 5 || d[Poor] < 5 {
			t.Errorf("%s: got %v: want 5 of each grade at least", name, d)
		}
	}
	for g, n := range grades {
		if 5*n < len(seen) {
			t.Errorf("%s: got %d of %d cases: want a fifth at least", g, n, len(seen))
		}
	}
}

// What the tuned half sees of a pair must not be seen by the half set aside, from neither end.
func TestHalvesShareNoPair(t *testing.T) {
	pairsOf := func(h Half) map[[2]string]bool {
		pairs := map[[2]string]bool{}
		for _, q := range Questions(allCases(t), h) {
			for id := range q.Grades {
				if q.hidden[id] {
					t.Errorf("%s: %s is judged and hidden", q.Seeker, id)
				}
				pairs[[2]string{min(q.Seeker, id), max(q.Seeker, id)}] = true
			}
		}
		return pairs
	}
	tuned, aside := pairsOf(Tuned), pairsOf(SetAside)
	for pair := range tuned {
		if aside[pair] {
			t.Errorf("%v is in both halves", pair)
		}
	}
	if n, all := len(aside), len(aside)+len(tuned); 3*n < all || 3*n > 2*all {
		t.Errorf("%d of %d pairs are set aside: want about half", n, all)
	}
}
